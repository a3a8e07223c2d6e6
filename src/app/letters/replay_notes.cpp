// Writes marks, and reads on from where the box stopped.
#include "app/letters/replay_notes.hpp"

namespace productd {

namespace {

constexpr std::size_t marks_at_once = 100;

}  // namespace

Result<> ReplayNotes::check_topic() const {
    for (const auto& [source, next] : since_) {
        if (source.topic == topic_) return {};
    }
    return fail(Errc::failed_precondition,
                "The topic " + topic_ + " is missing; make it with `productd topics create`.");
}

bool ReplayNotes::is_others(const std::string& id) const {
    const auto noted = notes_.find(id);
    return noted != notes_.end() && noted->second != run_;
}

/// Keeps all of it: what another run took may be a letter of a later batch here.
Task<> ReplayNotes::read() {
    for (auto& [source, next] : seen_) {
        if (source.topic != topic_) continue;
        while (true) {
            auto messages = co_await log_.read(source, next, marks_at_once);
            if (!messages && messages.error().code == Errc::out_of_range) {
                co_return fail(unavailable("Another command purges dead letters at this moment; run again."));
            }
            if (!messages) co_return fail(std::move(messages).error());
            if (messages->empty()) break;
            next = messages->back().position.offset + 1;
            for (const auto& message : *messages) {
                auto mark = read_mark(message);
                // What a purge moved behind the box's end was in the box.
                if (!mark || mark->order < since_.at(source)) continue;
                notes_.try_emplace(std::move(mark->id), std::move(mark->run));
            }
        }
    }
    co_return Result<>{};
}

Task<std::vector<Result<Position>>> ReplayNotes::write(const std::vector<LetterMark>& marks) {
    std::vector<Record> records;
    records.reserve(marks.size());
    const auto partitions = partitions_of(since_, topic_);
    for (const auto& mark : marks) records.push_back(encode_mark(topic_, partitions, mark, clock_.now()));
    co_return co_await log_.publish(std::move(records));
}

Task<std::vector<Result<>>> ReplayNotes::begin(std::vector<LetterMark> marks) {
    auto written = co_await write(marks);
    if (!written) co_return fail(std::move(written).error());
    if (auto known = co_await read(); !known) co_return fail(std::move(known).error());
    std::vector<Result<>> begun(marks.size());
    std::vector<LetterMark> withdrawn;
    for (std::size_t i = 0; i < marks.size(); ++i) {
        if (!(*written)[i]) {
            begun[i] = fail((*written)[i].error());
        } else if (is_others(marks[i].id)) {
            begun[i] = fail(Errc::aborted, "Another command deals with it.");
            withdrawn.push_back(std::move(marks[i]));
            withdrawn.back().state = LetterState::open;
        }
    }
    // Best effort: else the letter is listed as `replaying`.
    if (!withdrawn.empty()) co_await write(withdrawn);
    co_return begun;
}

}  // namespace productd
