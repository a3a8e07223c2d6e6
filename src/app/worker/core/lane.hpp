// One product's messages in the worker, and what is believed of the product.
#pragma once

#include <array>
#include <chrono>
#include <list>
#include <optional>
#include <vector>

#include "app/worker/core/work_item.hpp"

namespace productd {

/// What is believed of a product since its last call.
enum class Trust {
    trusted,
    suspect,  ///< A call it was in failed as a whole: it goes with other suspects, fewer at a time.
    culprit,  ///< It failed while others succeeded: it goes alone.
};

/// One product's messages: a queue for each topic. One call at a time has messages of it.
struct Lane {
    static constexpr std::size_t no_limit = static_cast<std::size_t>(-1);

    struct Queue {
        std::list<Item> items;
        std::size_t letters = 0;  ///< Dead letters of condemned messages that are not acknowledged.
        bool is_parked = false;   ///< Its first message waits for its product.
        bool is_free() const { return !items.empty() && letters == 0 && !is_parked; }
    };

    ProductId id;
    std::array<Queue, change_kinds> queues;
    Trust trust = Trust::trusted;
    std::size_t limit = no_limit;             ///< Changes its next call may have.
    std::chrono::milliseconds time_limit{0};  ///< Its next call may take so long at least.
    WorkItem::Time due{};                     ///< Not before.
    int failures = 0;                         ///< In a row.
    std::uint64_t failed_at = 0;              ///< Step of its last failure.
    Item accused;                             ///< Its message that is condemned once another product succeeds.
    std::optional<Error> failure;             ///< The last.
    std::optional<Errc> ended_for;            ///< What its last message was condemned for, while it fails on.

    bool is_busy = false;
    std::uint64_t listing = 0;  ///< Of the entry that is valid among those ready or due later; 0 for none.
    std::size_t in_call = 0;    ///< Messages taken.
    bool creates_busy = false;  ///< A create is among them.
    std::vector<std::shared_ptr<OwnedPartition>> crowded;  ///< Partitions held for its sake.

    Queue& queue(ChangeKind kind) { return queues[static_cast<std::size_t>(kind)]; }
    const Queue& queue(ChangeKind kind) const { return queues[static_cast<std::size_t>(kind)]; }
    /// Messages it has, those taken by a call included.
    std::size_t size() const;
    /// Those that hold up who reads a topic of such changes. A create is not held for the sake of what waits for it.
    std::size_t crowd_for(ChangeKind kind) const;
    bool has_letters() const;
    /// Whether a create of it is read and not finished: also one whose dead letter is not acknowledged.
    bool has_create() const {
        const auto& creates = queue(ChangeKind::create);
        return creates_busy || !creates.items.empty() || creates.letters > 0;
    }
    /// The queue whose first message came first, of those that wait for nothing; null when there is none.
    Queue* next_queue();
};

}  // namespace productd
