// What is finished of one partition: how far a commit may go, and what is finished above it.
#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "app/ports.hpp"

namespace productd {

/// Finished ranges [begin, end) above a commit, with the highest message time read when they were written.
struct FinishedAbove {
    Timestamp read_up_to{};
    std::vector<std::pair<std::int64_t, std::int64_t>> ranges;
    bool operator==(const FinishedAbove&) const = default;
};

inline constexpr std::size_t metadata_bytes_max = 4'096;

/// `1;<time>;<gap>+<length>,…` in decimal: each range as its distance from the end of the one before (the first: from
/// the commit) and its length. ASCII, at most metadata_bytes_max; the highest ranges are left out when it would be
/// longer, which costs only their repetition.
std::string encode_metadata(std::int64_t commit, const FinishedAbove& finished);
/// Nothing for text that is not ours.
std::optional<FinishedAbove> decode_metadata(std::int64_t commit, std::string_view text);

/// Not thread-safe. Offsets need not be dense: what a compacted or trimmed log skips counts as finished.
class OffsetTracker {
public:
    /// Begins where the group stands. Metadata that is not ours is ignored.
    explicit OffsetTracker(std::optional<Commit> commit);

    enum class Admission { process, finished_before };
    /// Notes that a message was read, in the order of reading. A position that goes backwards, or a message later
    /// than what was read when the finished work was noted, shows a topic made anew: the work is forgotten.
    Admission begin(const Position& position);
    void finish(std::int64_t offset);

    /// Everything below is finished.
    std::int64_t commit_offset() const { return open_.empty() ? next_ : *open_.begin(); }
    Commit commit() const;
    /// Highest believable message time read; entered by the caller, because only it knows the clock.
    Timestamp read_up_to() const { return read_up_to_; }
    void note_time(Timestamp time) { read_up_to_ = std::max(read_up_to_, time); }
    /// Messages read and not finished.
    std::size_t unfinished() const { return open_.size(); }
    std::int64_t next_offset() const { return next_; }

private:
    void restart_at(std::int64_t offset);
    bool was_finished(const Position& position);

    /// Read and not finished: as many as are in flight. Everything else below next_ is finished.
    std::set<std::int64_t> open_;
    std::int64_t next_ = 0;  ///< Behind the last message read.
    Timestamp read_up_to_{};
    FinishedAbove remembered_;
    bool started_ = false;
};

}  // namespace productd
