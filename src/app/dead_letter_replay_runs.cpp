// How a replay sees what other runs note meanwhile. Calls the log.
#include "app/dead_letter_replay.hpp"

namespace productd {

namespace {

constexpr std::size_t marks_at_once = 100;

}  // namespace

Task<> DeadLetterReplay::note_ends() {
    auto topics = co_await log_.describe();
    if (!topics) co_return fail(std::move(topics).error());
    for (const auto& topic : *topics) {
        if (topic.topic != names_.dead_letter_states) continue;
        for (const auto& partition : topic.partitions) seen_[{topic.topic, partition.partition}] = partition.end;
    }
    if (seen_.empty()) {
        co_return fail(Errc::failed_precondition, "The topic " + names_.dead_letter_states +
                                                      " is missing; make it with `productd topics create`.");
    }
    co_return Result<>{};
}

/// For each id the first mark that was written since this was asked last.
Task<std::map<std::string, LetterMark>> DeadLetterReplay::first_marks_since() {
    std::map<std::string, LetterMark> first;
    for (auto& [source, next] : seen_) {
        while (true) {
            auto messages = co_await log_.read(source, next, marks_at_once);
            if (!messages && messages.error().code == Errc::out_of_range) {
                co_return fail(unavailable("The dead letters are being purged; run again."));
            }
            if (!messages) co_return fail(std::move(messages).error());
            if (messages->empty()) break;
            next = messages->back().position.offset + 1;
            for (const auto& message : *messages) {
                if (auto mark = read_mark(message)) first.try_emplace(mark->id, std::move(*mark));
            }
        }
    }
    co_return first;
}

}  // namespace productd
