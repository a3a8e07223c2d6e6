// `productd dlq purge`. Calls purge_letters.
#include "app/letters/dead_letter_purge.hpp"

#include <fmt/format.h>
#include <fmt/ostream.h>
#include <unistd.h>

#include <istream>
#include <ostream>
#include <set>

#include "cli/dlq/dlq_open.hpp"
#include "cli/words.hpp"
#include "runtime/service_settings.hpp"

namespace productd {

namespace {

bool is_agreed(Console& console, std::size_t count) {
    if (::isatty(STDIN_FILENO) != 1) return false;
    fmt::print(console.err, "Purge {} for good? [y/N] ", counted(count, "dead letter"));
    console.err.flush();
    std::string answer;
    std::getline(console.in, answer);
    return answer == "y" || answer == "yes";
}

/// Those meant, and with `replayed` those that were replayed and did not come back.
std::vector<std::string> chosen_ids(const DeadLetterBox& box, const std::vector<LetterEntry>& meant, bool replayed) {
    std::vector<std::string> chosen;
    std::set<std::string_view> known;
    const auto choose = [&](const LetterEntry& entry) {
        if (entry.state != LetterState::purged && known.insert(entry.id).second) chosen.push_back(entry.id);
    };
    for (const auto& entry : meant) choose(entry);
    for (const auto& entry : box.entries()) {
        if (replayed && is_replayed(entry)) choose(entry);
    }
    return chosen;
}

}  // namespace

ExitCode perform(const DlqPurge& action, Console& console) {
    auto letters = open_letters(action.sources, console);
    if (!letters) return report(letters.error(), console);
    const bool any = action.meant.all || !action.meant.filter.empty() || !action.meant.ids.empty();
    auto entries = any ? letters_meant((*letters)->box, action.meant) : std::vector<LetterEntry>();
    if (!entries) return report(entries.error(), console);
    const auto chosen = chosen_ids((*letters)->box, *entries, action.replayed);
    if (action.dry_run) {
        for (const auto& id : chosen) fmt::print(console.out, "{} would be purged\n", shown(id, 320));
        fmt::print(console.out, "{} would be purged.\n", counted(chosen.size(), "dead letter"));
        return ExitCode::success;
    }
    if (action.meant.all && !action.yes && !is_agreed(console, chosen.size())) {
        return report({Errc::failed_precondition, "Nothing was purged: --all needs --yes."}, console);
    }
    const auto done = run_to_end(purge_letters(*(*letters)->log.log, topic_names((*letters)->config), (*letters)->box,
                                               chosen, run_id(), now_ms()));
    if (!done) return report(done.error(), console);
    fmt::print(console.out, "Purged {}: {} and {} freed.\n", counted(chosen.size(), "dead letter"),
               counted(static_cast<std::uint64_t>(done->letters_freed), "message"),
               counted(static_cast<std::uint64_t>(done->marks_freed), "state"));
    if (done->marked > 0) {
        fmt::print(console.out, "{} behind a letter that is not dealt with: the room is freed with that.\n",
                   done->marked == 1 ? "1 of them stands" : fmt::format("{} of them stand", done->marked));
    }
    return ExitCode::success;
}

}  // namespace productd
