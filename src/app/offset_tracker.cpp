// Metadata first, then the window of states. Calls nobody.
#include "app/offset_tracker.hpp"

#include <algorithm>
#include <charconv>

namespace productd {

namespace {

constexpr std::string_view metadata_format = "1";

/// Takes a decimal number and the separator behind it off the front of `text`; any separator ends it when 0.
std::optional<std::int64_t> take_number(std::string_view& text) {
    std::int64_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc{}) return std::nullopt;
    text.remove_prefix(static_cast<std::size_t>(end - text.data()));
    return value;
}

bool take(std::string_view& text, char expected) {
    if (text.empty() || text.front() != expected) return false;
    text.remove_prefix(1);
    return true;
}

/// Offsets beyond this are nobody's; it keeps sums from overflowing.
constexpr std::int64_t offset_max = std::int64_t{1} << 62;

}  // namespace

std::string encode_metadata(std::int64_t commit, const FinishedAbove& finished) {
    std::string text(metadata_format);
    text += ';' + std::to_string(finished.read_up_to.time_since_epoch().count()) + ';';
    auto last = commit;
    for (const auto& [begin, end] : finished.ranges) {
        const auto range =
            (last == commit ? "" : ",") + std::to_string(begin - last) + '+' + std::to_string(end - begin);
        if (text.size() + range.size() > metadata_bytes_max) break;
        text += range;
        last = end;
    }
    return text;
}

std::optional<FinishedAbove> decode_metadata(std::int64_t commit, std::string_view text) {
    if (!text.starts_with(metadata_format)) return std::nullopt;
    text.remove_prefix(metadata_format.size());
    FinishedAbove finished;
    if (!take(text, ';')) return std::nullopt;
    const auto time = take_number(text);
    if (!time || !take(text, ';')) return std::nullopt;
    finished.read_up_to = Timestamp{std::chrono::milliseconds{*time}};
    auto last = commit;
    while (!text.empty()) {
        if (last != commit && !take(text, ',')) return std::nullopt;
        const auto gap = take_number(text);
        if (!gap || !take(text, '+')) return std::nullopt;
        const auto length = take_number(text);
        if (!length || *gap < 1 || *length < 1 || *gap > offset_max - last) return std::nullopt;
        if (*length > offset_max - last - *gap) return std::nullopt;
        finished.ranges.emplace_back(last + *gap, last + *gap + *length);
        last = finished.ranges.back().second;
    }
    return finished;
}

OffsetTracker::OffsetTracker(std::optional<Commit> commit) {
    if (!commit) return;
    started_ = true;
    next_ = commit->offset;
    if (auto finished = decode_metadata(commit->offset, commit->metadata)) {
        read_up_to_ = finished->read_up_to;
        remembered_ = std::move(*finished);
    }
}

void OffsetTracker::restart_at(std::int64_t offset) {
    next_ = offset;
    open_.clear();
    remembered_ = {};
}

bool OffsetTracker::was_finished(const Position& position) {
    if (remembered_.ranges.empty()) return false;
    const auto after = std::ranges::upper_bound(remembered_.ranges, position.offset, {},
                                                &std::pair<std::int64_t, std::int64_t>::first);
    const bool listed = after != remembered_.ranges.begin() && position.offset < std::prev(after)->second;
    if (!listed) return false;
    if (position.time <= remembered_.read_up_to) return true;
    remembered_ = {};  // Written for a topic that was made anew since.
    return false;
}

OffsetTracker::Admission OffsetTracker::begin(const Position& position) {
    if (!started_ || position.offset < next_) restart_at(position.offset);
    started_ = true;
    next_ = position.offset + 1;
    if (was_finished(position)) return Admission::finished_before;
    open_.insert(position.offset);
    return Admission::process;
}

void OffsetTracker::finish(std::int64_t offset) { open_.erase(offset); }

Commit OffsetTracker::commit() const {
    FinishedAbove finished{read_up_to_, {}};
    auto& ranges = finished.ranges;
    // What lies between two open messages is finished, or is nothing the log has.
    for (auto open = open_.begin(); open != open_.end(); ++open) {
        const auto above = std::next(open);
        const auto end = above == open_.end() ? next_ : *above;
        if (*open + 1 < end) ranges.emplace_back(*open + 1, end);
    }
    const auto offset = commit_offset();
    // What was finished in an earlier life and not read again yet is still finished.
    for (const auto& range : remembered_.ranges) {
        const auto begin = std::max(range.first, next_);
        if (begin >= range.second || begin == offset) continue;
        if (!ranges.empty() && ranges.back().second == begin) {
            ranges.back().second = range.second;
        } else {
            ranges.emplace_back(begin, range.second);
        }
    }
    return {offset, encode_metadata(offset, finished)};
}

}  // namespace productd
