// `productd backup` and `productd restore`. Calls runtime/backup.
#include <fmt/ostream.h>

#include <ostream>

#include "cli/checked_config.hpp"
#include "cli/commands.hpp"
#include "codec/time_text.hpp"
#include "runtime/backup/make_backup.hpp"
#include "runtime/backup/restore_backup.hpp"
#include "runtime/config/engines.hpp"
#include "runtime/engine.hpp"

namespace productd {

namespace {

constexpr std::chrono::seconds between_lines{1};

void print(const BackupManifest& manifest, std::ostream& out) {
    for (const auto& file : manifest.files) {
        fmt::print(out, "  {}: {} MiB", file.name, (file.bytes + (1 << 20) - 1) >> 20);
        for (const auto& [what, count] : file.counts) fmt::print(out, ", {} {}", count, what);
        fmt::print(out, "\n");
    }
}

constexpr const char* missing_products =
    "warning: The store lacks products that the event log calls applied, in the data and in the backup alike; see "
    "`productd doctor`. After a restore `productd rebuild` brings them back as far as the log has them.\n";

}  // namespace

void declare_backup(CLI::App& app, Choice& choice) {
    auto* command = app.add_subcommand("backup", "Copy the event log and the store as they are at one moment");
    command->footer(
        "A service may run on the folder, and goes on. TO is a folder, or one file if its name ends in .tar; it must "
        "not\n"
        "be there yet. It is read back and compared before it gets its name. Certificates are not in it.\n"
        "Example: productd backup backups/monday.tar --data-dir ./data");
    auto to = std::make_shared<std::string>();
    command->add_option("to", *to, "Where it is put")->type_name("TO")->required();
    action_of<MakeBackup>(*command, choice, [to](MakeBackup& asked) { asked.to = *to; });
}

void declare_restore(CLI::App& app, Choice& choice) {
    auto* command = app.add_subcommand("restore", "Make a data folder from a backup");
    command->footer(
        "The folder is made if need be. Data that are there are never written over. One that was broken off goes on "
        "when\n"
        "it is run again; until it is through, no service starts on the folder.\n"
        "Example: productd restore backups/monday.tar --data-dir ./data");
    auto from = std::make_shared<std::string>();
    command->add_option("from", *from, "What `productd backup` made")->type_name("FROM")->required();
    action_of<RestoreBackup>(*command, choice, [from](RestoreBackup& asked) { asked.from = *from; });
}

ExitCode perform(const MakeBackup& action, Console& console) {
    const auto loaded = checked_config(action.sources, console);
    if (!loaded) return report(loaded.error(), console);
    auto next_line = std::chrono::steady_clock::now() + between_lines;
    const auto told = [&](const BackupProgress& progress) {
        const auto now = std::chrono::steady_clock::now();
        if (now < next_line) return;
        next_line = now + between_lines;
        fmt::print(console.err, "{}: {} of {} MiB\n", progress.file, progress.bytes >> 20, progress.bytes_total >> 20);
    };
    const auto made = make_backup(loaded->config, action.to, told);
    if (!made) return report(made.error(), console);
    fmt::print(console.out, "{} has what was answered before {}:\n", action.to, time_text(made->manifest.taken_at));
    print(made->manifest, console.out);
    if (made->products_are_missing) console.err << missing_products;
    return ExitCode::success;
}

ExitCode perform(const RestoreBackup& action, Console& console) {
    const auto loaded = checked_config(action.sources, console);
    if (!loaded) return report(loaded.error(), console);
    const auto told = [&](const std::string& file) { fmt::print(console.err, "{}\n", file); };
    const auto restored = restore_backup(action.from, loaded->config, told);
    if (!restored) return report(restored.error(), console);
    const auto& manifest = restored->manifest;
    fmt::print(console.out, "{} is as it was at {}, by productd {}:\n", loaded->config.data.dir,
               time_text(manifest.taken_at), manifest.productd);
    print(manifest, console.out);
    if (restored->was_broken_off) fmt::print(console.out, "An earlier restore had copied it; this one ended it.\n");
    if (cache_is_redis(loaded->config)) {
        fmt::print(console.out,
                   "Redis may have newer products than these: delete the keys products:* before a start.\n");
    }
    if (restored->products_are_missing) console.err << missing_products;
    return ExitCode::success;
}

}  // namespace productd
