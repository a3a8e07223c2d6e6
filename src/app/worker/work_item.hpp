// A message on its way through the worker, and the partition it came from.
#pragma once

#include <chrono>
#include <limits>
#include <list>
#include <memory>
#include <optional>

#include "app/events/event.hpp"
#include "app/worker/offset_tracker.hpp"

namespace productd {

/// One partition this worker owns. Items hold on to it, so that finishing one after it was lost touches nothing else.
struct OwnedPartition {
    TopicPartition source;
    OffsetTracker tracker;
    std::int64_t end = 0;    ///< The log's end as last seen.
    std::size_t parked = 0;  ///< Items set aside because their product is not there.
    std::size_t parked_bytes = 0;
    std::size_t behind_letters = 0;  ///< Items that wait for the dead letter of one before them.
    std::size_t behind_letters_bytes = 0;
    bool held = false;
    bool dirty = false;  ///< Has something to commit.
};

struct WorkItem {
    using Time = std::chrono::steady_clock::time_point;
    static constexpr std::size_t no_limit = std::numeric_limits<std::size_t>::max();

    ChangeKind kind = ChangeKind::create;
    Message message;
    Event event;  ///< Not changed once it is read: a call that was given up may still look at it.
    std::shared_ptr<OwnedPartition> partition;
    std::uint32_t life = 0;  ///< The life its partition's tracker had when it was read.
    std::size_t bytes = 0;
    std::uint64_t sequence = 0;  ///< Order of arrival over all partitions.
    Time arrival{};
    std::size_t batch_limit = no_limit;  ///< A suspect: its last call failed as a whole, the next has at most so many.
    int attempts = 0;                    ///< Failures of this item while others succeeded.
    std::optional<Timestamp> first_failure;
    int looks = 0;                               ///< How often its product was not there.
    std::optional<Timestamp> first_look;         ///< The first time of these.
    std::uint64_t successes_seen = 0;            ///< Successful calls of the worker when it last failed.
    std::chrono::milliseconds not_found_for{0};  ///< Time counted against Worker.NotFoundWait.
    std::optional<Time> overdue;                 ///< When it had waited so long.
    bool awaits_letter = false;                  ///< Condemned; later ones of its lane wait for that, too.
    /// Where InFlight has it.
    enum class Place { nowhere, active, aside } place = Place::nowhere;
    std::list<std::shared_ptr<WorkItem>>::iterator in_active;

    bool is_suspect() const { return batch_limit != no_limit; }
};

}  // namespace productd
