// `productd migrate`: data of another form or place. Calls runtime/migrate.
#include <fmt/ostream.h>

#include <ostream>

#include "cli/checked_config.hpp"
#include "cli/commands.hpp"
#include "cli/words.hpp"
#include "runtime/migrate/migrate_data.hpp"
#include "runtime/migrate/migrate_documents.hpp"

namespace productd {

namespace {

/// At most one line a second.
class Pace {
public:
    template <class... Values>
    void tell(std::ostream& err, fmt::format_string<Values...> text, Values&&... values) {
        const auto now = std::chrono::steady_clock::now();
        if (now < next_) return;
        next_ = now + std::chrono::seconds(1);
        fmt::print(err, text, std::forward<Values>(values)...);
    }

private:
    std::chrono::steady_clock::time_point next_ = std::chrono::steady_clock::now() + std::chrono::seconds(1);
};

void print(const MigratedData& migrated, bool dry_run, std::ostream& out) {
    const auto* verb = dry_run ? "would be moved" : "moved";
    if (const auto& products = migrated.products) {
        fmt::print(out, "Products and tombstones: {}; {} {}, {} there already.\n", products->total, products->moved,
                   verb, products->there);
        if (products->newer > 0) {
            fmt::print(out, "{} have a later version there, and were left: a service has changed them since.\n",
                       products->newer);
        }
        if (products->differing > 0) fmt::print(out, "{} differ from what is there.\n", products->differing);
        if (products->unreadable > 0) fmt::print(out, "{} cannot be read.\n", products->unreadable);
        if (!dry_run)
            fmt::print(out, "Read back, all{} are the same: SHA-256 {}\n", products->newer > 0 ? " others" : "",
                       migrated.products_sum);
    }
    if (!migrated.messages) return;
    for (const auto& counts : *migrated.messages) {
        fmt::print(out, "{}: {} {}, {} there already", counts.topic, counted(counts.moved, "message"), verb,
                   counts.there);
        if (counts.finished > 0) fmt::print(out, ", {} above the commit finished already", counts.finished);
        fmt::print(out, ".\n");
    }
    if (!dry_run) fmt::print(out, "Read back, all are there once and in order: SHA-256 {}\n", migrated.messages_sum);
    for (const auto& topic : migrated.topics_left) fmt::print(out, "{} is not the service's, and stays.\n", topic);
}

ExitCode migrate_folder(const Migrate& action, const Config& config, Console& console) {
    Pace pace;
    const MigrateTold told{
        [&](const ProductCounts& counts) {
            pace.tell(console.err, "{} of {} products\n", counts.moved + counts.there + counts.newer, counts.total);
        },
        [&](const MessageCounts& counts) { pace.tell(console.err, "{}: {} messages\n", counts.topic, counts.moved); }};
    const auto migrated = migrate_data(config, action.from, action.dry_run, told);
    if (!migrated) return report(migrated.error(), console);
    print(*migrated, action.dry_run, console.out);
    return ExitCode::success;
}

void print(const LeftDocuments& left, const char* why, std::ostream& out) {
    if (left.count == 0) return;
    const auto are = left.count == 1 ? "1 is" : fmt::format("{} are", left.count);
    fmt::print(out, "{} {}, and left: {}\n", are, why, fmt::join(left.examples, ", "));
}

ExitCode migrate_collection(const Migrate& action, const Config& config, Console& console) {
    Pace pace;
    const auto migrated = migrate_documents(config, action.dry_run, [&](const MigratedDocuments& counts) {
        pace.tell(console.err, "{} documents\n", counts.total);
    });
    if (!migrated) return report(migrated.error(), console);
    auto& out = console.out;
    fmt::print(out, "Documents: {}; {} {} a version and folded text, {} had both.\n", migrated->total,
               migrated->renewed, action.dry_run ? "would be given" : "given", migrated->current);
    if (migrated->changed > 0) {
        fmt::print(out, "{} changed between reading and writing, and were read again.\n", migrated->changed);
    }
    if (migrated->behind > 0) {
        fmt::print(out, "{} were changed by the older service since: run this again once it has ended.\n",
                   migrated->behind);
    }
    print(migrated->unreadable, "no product", out);
    print(migrated->too_large, "too large for folded text beside its own", out);
    if (action.dry_run) return ExitCode::success;
    fmt::print(out, "{} SHA-256 {}\n",
               migrated->is_sum_as_before ? "All else is as it was:" : "Others changed products meanwhile. Now:",
               migrated->sum);
    return migrated->behind > 0 ? ExitCode::failure : ExitCode::success;  // A script must not go on.
}

}  // namespace

void declare_migrate(CLI::App& app, Choice& choice) {
    auto* command = app.add_subcommand("migrate", "Move data to MongoDB and Kafka, or take over the older service's");
    command->footer(
        "With --from it copies a data folder, on which no service runs, to the store and bus of the configuration:\n"
        "products with versions, unread messages, dead letters. With --first-generation it gives the documents of the\n"
        "older service versions and folded text, where they are; services may run. Either reads back what it wrote, "
        "and\n"
        "goes on where it was broken off when it is run again. See docs/operations.md.\n"
        "Example: productd migrate --from ./data --dry-run --config servers.yaml");
    auto asked_for = std::make_shared<Migrate>();
    command->add_option("--from", asked_for->from, "A data folder of the embedded engine")->type_name("FOLDER");
    command->add_flag("--first-generation", asked_for->first_generation, "The documents that the older service wrote");
    command->add_flag("--dry-run", asked_for->dry_run, "Say what would be done, and write nothing");
    action_of<Migrate>(*command, choice, [asked_for](Migrate& asked) {
        if (asked_for->from.empty() == !asked_for->first_generation) {
            throw CLI::ValidationError("--from", "give either --from FOLDER or --first-generation");
        }
        asked = *asked_for;
    });
}

ExitCode perform(const Migrate& action, Console& console) {
    const auto loaded = checked_config(action.sources, console);
    if (!loaded) return report(loaded.error(), console);
    return action.first_generation ? migrate_collection(action, loaded->config, console)
                                   : migrate_folder(action, loaded->config, console);
}

}  // namespace productd
