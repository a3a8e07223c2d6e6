// `productd dlq replay`: tells of each letter, and how far it is. Calls DeadLetterReplay and tidy_letters.
#include <fmt/format.h>
#include <fmt/ostream.h>
#include <unistd.h>

#include <array>
#include <ostream>

#include "app/letters/dead_letter_purge.hpp"
#include "cli/dlq/dlq_open.hpp"
#include "runtime/service_settings.hpp"
#include "runtime/system_ports.hpp"

namespace productd {

namespace {

using What = ReplayOutcome::What;

/// Counts, prints a line for each letter that is not simply replayed, and now and then how far it is.
class Progress {
public:
    Progress(Console& console, std::size_t letters, bool is_dry)
        : console_(console), letters_(letters), is_dry_(is_dry), is_terminal_(::isatty(STDERR_FILENO) == 1) {}

    void tell(const LetterEntry& entry, const ReplayOutcome& outcome) {
        ++counts_.at(static_cast<std::size_t>(outcome.what));
        ++told_;
        if (outcome.what == What::would_replay)
            fmt::print(console_.out, "{} would be replayed\n", shown(entry.id, 320));
        if (!outcome.why.empty()) {
            clear();
            fmt::print(console_.err, "{}: {}\n", shown(entry.id, 320), shown(outcome.why, 1'024));
        }
        const auto now = Deadline::clock::now();
        if (now < next_) return;
        next_ = now + (is_terminal_ ? std::chrono::milliseconds(200) : std::chrono::seconds(5));
        clear();
        fmt::print(console_.err, "{} of {} letters{}", told_, letters_, is_terminal_ ? "" : "\n");
        console_.err.flush();
        is_on_line_ = is_terminal_;
    }

    ExitCode finish() {
        clear();
        const auto count = [&](What what) { return counts_.at(static_cast<std::size_t>(what)); };
        const auto in_doubt = count(What::in_doubt);
        fmt::print(console_.out, "{} {}, {} skipped, {} failed{}.\n",
                   count(is_dry_ ? What::would_replay : What::replayed), is_dry_ ? "would be replayed" : "replayed",
                   count(What::skipped), count(What::failed),
                   in_doubt > 0 ? fmt::format(", {} in doubt", in_doubt) : "");
        if (in_doubt > 0) {
            fmt::print(console_.err,
                       "{} in doubt: the messages may have been published. `productd dlq list --filter "
                       "state=replaying` lists them; replay those whose change is not to be seen with --again.\n",
                       in_doubt == 1 ? "1 letter is" : fmt::format("{} letters are", in_doubt));
        }
        if (const auto left = letters_ - told_; left > 0) {
            fmt::print(console_.err, "{} not reached: give the same command again.\n",
                       left == 1 ? "1 letter was" : fmt::format("{} letters were", left));
        }
        return count(What::failed) + in_doubt == 0 ? ExitCode::success : ExitCode::failure;
    }

private:
    void clear() {
        if (std::exchange(is_on_line_, false)) fmt::print(console_.err, "\r\x1b[K");
    }

    Console& console_;
    std::size_t letters_;
    bool is_dry_;
    bool is_terminal_;
    bool is_on_line_ = false;
    std::size_t told_ = 0;
    std::array<std::size_t, ReplayOutcome::kinds> counts_{};
    Deadline::clock::time_point next_ = Deadline::clock::now() + std::chrono::seconds(1);
};

}  // namespace

ExitCode perform(const DlqReplay& action, Console& console) {
    auto letters = open_letters(action.sources, console);
    if (!letters) return report(letters.error(), console);
    auto entries = letters_meant((*letters)->box, action.meant);
    if (!entries) return report(entries.error(), console);
    SystemClock clock;
    Progress progress(console, entries->size(), action.dry_run);
    auto& log = *(*letters)->log.log;
    DeadLetterReplay replay(
        log, (*letters)->find, clock, topic_names((*letters)->config), (*letters)->box,
        {action.dry_run, action.force, action.again, action.rate, run_id()},
        [&](const LetterEntry& entry, const ReplayOutcome& outcome) { progress.tell(entry, outcome); });
    const auto done = run_to_end(replay.run(std::move(*entries)));
    const auto code = progress.finish();
    if (!done) return report(done.error(), console);
    if (action.dry_run) return code;
    const auto tidied = run_to_end(tidy_letters(log, topic_names((*letters)->config), (*letters)->box, now_ms()));
    return tidied ? code : report(tidied.error(), console);
}

}  // namespace productd
