// `productd dlq replay`: tells of each letter, and how far it is. Calls DeadLetterReplay.
#include <fmt/format.h>
#include <fmt/ostream.h>
#include <unistd.h>

#include <array>
#include <ostream>

#include "cli/dlq_open.hpp"
#include "runtime/system_ports.hpp"

namespace productd {

namespace {

using What = ReplayOutcome::What;

/// Counts, prints a line for each letter that is not simply replayed, and now and then how far it is.
class Progress {
public:
    Progress(Console& console, std::size_t letters)
        : console_(console), letters_(letters), is_terminal_(::isatty(STDERR_FILENO) == 1) {}

    void tell(const LetterEntry& entry, const ReplayOutcome& outcome) {
        ++counts_.at(static_cast<std::size_t>(outcome.what));
        ++told_;
        if (outcome.what == What::would_replay)
            fmt::print(console_.out, "{} would be replayed\n", shown(entry.id, 320));
        if (outcome.what == What::skipped || outcome.what == What::failed) {
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
        const auto would = count(What::would_replay);
        fmt::print(console_.out, "{} {}, {} skipped, {} failed.\n", would > 0 ? would : count(What::replayed),
                   would > 0 ? "would be replayed" : "replayed", count(What::skipped), count(What::failed));
        return count(What::failed) == 0 ? ExitCode::success : ExitCode::failure;
    }

private:
    void clear() {
        if (std::exchange(is_on_line_, false)) fmt::print(console_.err, "\r\x1b[K");
    }

    Console& console_;
    std::size_t letters_;
    bool is_terminal_;
    bool is_on_line_ = false;
    std::size_t told_ = 0;
    std::array<std::size_t, 4> counts_{};
    Deadline::clock::time_point next_ = Deadline::clock::now() + std::chrono::seconds(1);
};

}  // namespace

ExitCode perform(const DlqReplay& action, Console& console) {
    auto letters = open_letters(action.sources, console);
    if (!letters) return report(letters.error(), console);
    auto entries = letters_meant((*letters)->box, action.meant);
    if (!entries) return report(entries.error(), console);
    SystemClock clock;
    Progress progress(console, entries->size());
    DeadLetterReplay replay(
        *(*letters)->log.log, (*letters)->find, clock, TopicNames{},
        {action.dry_run, action.force, action.again, action.rate, run_id()},
        [&](const LetterEntry& entry, const ReplayOutcome& outcome) { progress.tell(entry, outcome); });
    const auto done = run_to_end(replay.run(std::move(*entries)));
    const auto code = progress.finish();
    return done ? code : report(done.error(), console);
}

}  // namespace productd
