// A message on its way through the worker, and the partition it came from.
#pragma once

#include <chrono>
#include <list>
#include <memory>
#include <optional>

#include "app/events/event.hpp"
#include "app/worker/offsets/offset_tracker.hpp"

namespace productd {

/// Messages, and the memory they occupy.
struct Amount {
    std::size_t messages = 0;
    std::size_t bytes = 0;
    Amount& operator+=(const Amount& other) {
        messages += other.messages;
        bytes += other.bytes;
        return *this;
    }
    Amount& operator-=(const Amount& other) {
        messages -= other.messages;
        bytes -= other.bytes;
        return *this;
    }
    bool operator==(const Amount&) const = default;
};

/// One partition this worker owns. Items hold on to it, so that finishing one after it was lost touches nothing else.
struct OwnedPartition {
    TopicPartition source;
    ChangeKind kind = ChangeKind::create;
    OffsetTracker tracker;
    std::int64_t end = 0;         ///< The log's end as last seen.
    std::int64_t told_end = 0;    ///< Of creates: where the log told that they end, when asked last.
    std::uint32_t told_life = 0;  ///< The life its tracker had then: a topic made anew ends elsewhere.
    Amount parked;
    Amount failing;
    std::size_t crowded_lanes = 0;  ///< Lanes at Worker.LaneMax that have messages of it.
    bool is_held = false;
    bool is_dirty = false;  ///< Has something to commit.
};

struct WorkItem {
    using Time = std::chrono::steady_clock::time_point;

    /// What it waits for, apart from its turn.
    enum class Standing {
        ordinary,
        parked,   ///< It, or one before it in its queue, waits for its product to be created.
        failing,  ///< Its product fails alone; or it, or one before it in its queue, waits for a dead letter.
    };

    ChangeKind kind = ChangeKind::create;
    Message message;
    Event event;  ///< Not changed once it is read: a call that was given up may still look at it.
    std::shared_ptr<OwnedPartition> partition;
    std::uint32_t life = 0;  ///< The life its partition's tracker had when it was read.
    SpanContext trace;       ///< Of its own processing, under what its message says; none where that says nothing.
    SpanContext batch;       ///< Of a call made for it and others, under the span of another.
    std::size_t bytes = 0;
    std::uint64_t sequence = 0;  ///< Order of arrival over all partitions.
    Time arrival{};
    std::chrono::milliseconds age_at_arrival{0};  ///< By its message's time; 0 where that is nobody's clock.

    Standing standing = Standing::ordinary;
    bool is_decided = false;     ///< Its first call has ended.
    bool awaits_letter = false;  ///< Condemned; later ones of its queue wait for that, too.
    int attempts = 0;            ///< Failures that were its own: others succeeded before and after.
    Time failed_first{};
    std::optional<Timestamp> first_failure;
    int looks = 0;                               ///< How often its product was not there.
    std::optional<Timestamp> first_look;         ///< The first time of these.
    std::chrono::milliseconds not_found_for{0};  ///< Time counted against Worker.NotFoundWait.
    std::optional<Time> overdue;                 ///< When it had waited so long.

    /// Where Intake has it.
    enum class Place { nowhere, active, aside } place = Place::nowhere;
    std::list<std::shared_ptr<WorkItem>>::iterator in_active;

    bool is_held() const { return place != Place::nowhere; }
    /// Its product was not there.
    void note_look(Timestamp now) {
        ++looks;
        if (!first_look) first_look = now;
    }
};

using Item = std::shared_ptr<WorkItem>;

/// The two clocks at a step of the worker.
struct Now {
    WorkItem::Time steady{};
    Timestamp wall{};
};

struct ReadItem {
    Item item;                     ///< Its bytes are the memory it takes: the message as it came, and its change.
    std::optional<Error> failure;  ///< Why it will never be an event.
};
/// The item of a message that its partition's tracker has noted before.
ReadItem read_item(const std::shared_ptr<OwnedPartition>& partition, Message message, const Now& now);

}  // namespace productd
