// `productd dlq purge` and `dlq edit`. Calls purge_letters and the worker's decoder.
#include "app/dead_letter_purge.hpp"

#include <fmt/format.h>
#include <fmt/ostream.h>
#include <unistd.h>

#include <istream>
#include <ostream>

#include "cli/dlq_open.hpp"

namespace productd {

namespace {

bool is_agreed(Console& console, std::size_t count) {
    if (::isatty(STDIN_FILENO) != 1) return false;
    fmt::print(console.err, "Purge {} dead letters for good? [y/N] ", count);
    console.err.flush();
    std::string answer;
    std::getline(console.in, answer);
    return answer == "y" || answer == "yes";
}

}  // namespace

ExitCode perform(const DlqPurge& action, Console& console) {
    auto letters = open_letters(action.sources, console);
    if (!letters) return report(letters.error(), console);
    const bool any = action.meant.all || !action.meant.filter.empty() || !action.meant.ids.empty();
    auto entries = any ? letters_meant((*letters)->box, action.meant) : std::vector<LetterEntry>();
    if (!entries) return report(entries.error(), console);
    std::vector<std::string> chosen;
    for (const auto& entry : *entries) chosen.push_back(entry.id);
    if (action.dry_run) {
        for (const auto& id : chosen) fmt::print(console.out, "{} would be purged\n", shown(id, 320));
        return ExitCode::success;
    }
    if (action.meant.all && !action.yes && !is_agreed(console, chosen.size())) {
        return report({Errc::failed_precondition, "Nothing was purged: --all needs --yes."}, console);
    }
    const auto done = run_to_end(purge_letters(*(*letters)->log.log, TopicNames{}, (*letters)->box.entries(),
                                               std::move(chosen), {action.replayed, run_id()}, now_ms()));
    if (!done) return report(done.error(), console);
    fmt::print(console.out, "{} letters freed, {} marked to be freed with those before them, {} states freed.\n",
               done->letters_freed, done->marked, done->marks_freed);
    return ExitCode::success;
}

}  // namespace productd
