// The messages that are open tell all: what lies between two of them is finished. Calls commit_metadata.
#include "app/worker/offsets/offset_tracker.hpp"

#include <algorithm>

namespace productd {

OffsetTracker::OffsetTracker(std::optional<Commit> commit, const MetadataBounds& bounds) {
    if (!commit) return;
    started_ = true;
    next_ = commit->offset;
    if (auto finished = decode_metadata(commit->offset, commit->metadata, bounds)) {
        read_up_to_ = finished->read_up_to;
        remembered_ = std::move(*finished);
    }
}

void OffsetTracker::restart_at(std::int64_t offset) {
    if (started_) ++life_;
    // What is open below it is still to be finished, whatever the log holds above.
    while (!open_.empty() && open_.back().offset >= offset) open_.pop_back();
    remembered_ = {};
}

/// Whether it was read when what is remembered was noted, if it is of the same topic.
bool OffsetTracker::was_read(const Position& position) const {
    return !remembered_.ranges.empty() && position.offset < remembered_.ranges.back().second;
}

bool OffsetTracker::was_finished(const Position& position) const {
    const auto after = std::ranges::upper_bound(remembered_.ranges, position.offset, {},
                                                &std::pair<std::int64_t, std::int64_t>::first);
    return after != remembered_.ranges.begin() && position.offset < std::prev(after)->second;
}

OffsetTracker::Admission OffsetTracker::begin(const Position& position, MessageTime time) {
    if (!started_ || position.offset < next_) restart_at(position.offset);
    started_ = true;
    next_ = position.offset + 1;
    const bool is_newer = time == MessageTime::believable && position.time > remembered_.read_up_to;
    // What is remembered was written for a topic that was made anew since; no commit may tell it with a newer time.
    if (is_newer && was_read(position)) remembered_ = {};
    if (was_finished(position)) return Admission::finished_before;
    open_.push_back({position.offset, life_});
    return Admission::process;
}

bool OffsetTracker::skip_to(std::int64_t offset) {
    if (offset <= next_) return false;
    started_ = true;
    next_ = offset;
    return true;
}

void OffsetTracker::finish(std::int64_t offset, std::uint32_t life) {
    const auto found = std::ranges::lower_bound(open_, offset, {}, &Open::offset);
    if (found != open_.end() && found->offset == offset && found->life == life) open_.erase(found);
}

bool OffsetTracker::has_room(std::size_t more) const {
    const auto& ranges = remembered_.ranges;
    auto end = next_ + static_cast<std::int64_t>(more);
    if (!ranges.empty()) end = std::max(end, ranges.back().second);
    // What is remembered and not read again yet adds ranges of its own.
    const auto ahead =
        ranges.end() - std::ranges::upper_bound(ranges, next_, {}, &std::pair<std::int64_t, std::int64_t>::second);
    return metadata_fits(end - commit_offset(), open_.size() + more + static_cast<std::size_t>(ahead));
}

Commit OffsetTracker::commit() const {
    FinishedAbove finished{read_up_to_, {}};
    auto& ranges = finished.ranges;
    // What lies between two open messages is finished, or is nothing the log has.
    for (auto open = open_.begin(); open != open_.end(); ++open) {
        const auto above = std::next(open);
        const auto end = above == open_.end() ? next_ : above->offset;
        if (open->offset + 1 < end) ranges.emplace_back(open->offset + 1, end);
    }
    const auto offset = commit_offset();
    // What was finished in an earlier life and not read again yet is still finished.
    for (const auto& range : remembered_.ranges) {
        auto begin = std::max(range.first, next_);
        if (begin == offset) ++begin;  // What is at the commit cannot be told as finished.
        if (begin >= range.second) continue;
        if (!ranges.empty() && ranges.back().second == begin) {
            ranges.back().second = range.second;
        } else {
            ranges.emplace_back(begin, range.second);
        }
    }
    return {offset, encode_metadata(offset, finished)};
}

}  // namespace productd
