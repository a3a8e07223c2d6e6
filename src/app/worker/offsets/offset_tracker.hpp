// What is finished of one partition: how far a commit may go, and what is finished above it.
#pragma once

#include <algorithm>
#include <cstdint>
#include <deque>
#include <optional>

#include "app/ports/message_log.hpp"
#include "app/worker/offsets/commit_metadata.hpp"

namespace productd {

/// Not thread-safe. Offsets need not be dense: what a compacted or trimmed log skips counts as finished.
class OffsetTracker {
public:
    /// Begins where the group stands. Metadata that is not ours, damaged or out of bounds is ignored as a whole.
    explicit OffsetTracker(std::optional<Commit> commit, const MetadataBounds& bounds = {});

    enum class Admission { process, finished_before };
    /// Whether a message's time can be true, by the reader's clock.
    enum class MessageTime { believable, unbelievable };
    /// Notes that a message was read, in the order of reading. A position that goes backwards begins another life:
    /// the log was truncated or made anew, or is read again, so nothing noted of that offset and above tells of what
    /// comes. A message later than what was read when the finished work was noted shows the same, of that work; one
    /// whose time nobody believes shows nothing.
    Admission begin(const Position& position, MessageTime time = MessageTime::believable);
    /// Nothing comes below `offset` any more; whether that is news.
    bool skip_to(std::int64_t offset);
    /// The life that begin() noted its last message in.
    std::uint32_t life() const { return life_; }
    /// Changes nothing for a message of an earlier life: its offset may be another message's now.
    void finish(std::int64_t offset, std::uint32_t life);

    /// Everything below is finished.
    std::int64_t commit_offset() const { return open_.empty() ? next_ : open_.front().offset; }
    Commit commit() const;
    /// Whether the commit can tell all that is finished, after `more` messages in a row are read too.
    bool has_room(std::size_t more) const;
    /// Highest believable message time read; entered by the caller, because only it knows the clock, before begin().
    Timestamp read_up_to() const { return read_up_to_; }
    void note_time(Timestamp time) { read_up_to_ = std::max(read_up_to_, time); }
    /// Messages read and not finished.
    std::size_t unfinished() const { return open_.size(); }
    std::int64_t next_offset() const { return next_; }

private:
    struct Open {
        std::int64_t offset = 0;
        std::uint32_t life = 0;
    };

    void restart_at(std::int64_t offset);
    bool was_read(const Position& position) const;
    bool was_finished(const Position& position) const;

    /// Read and not finished, ascending: as many as are in flight. Everything else below next_ is finished.
    std::deque<Open> open_;
    std::int64_t next_ = 0;  ///< Behind the last message read, and what is none behind that.
    Timestamp read_up_to_{};
    FinishedAbove remembered_;
    std::uint32_t life_ = 0;
    bool started_ = false;
};

}  // namespace productd
