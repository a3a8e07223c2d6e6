// The messages in flight, in one lane a product: what keeps a product's order and lets products run in parallel.
#pragma once

#include <chrono>
#include <deque>
#include <list>
#include <map>
#include <memory>
#include <optional>
#include <unordered_map>
#include <vector>

#include "app/event.hpp"
#include "app/offset_tracker.hpp"

namespace productd {

/// One partition this worker owns. Items hold on to it, so that finishing one after it was lost touches nothing else.
struct OwnedPartition {
    TopicPartition source;
    OffsetTracker tracker;
    std::int64_t end = 0;    ///< The log's end as last seen.
    std::size_t parked = 0;  ///< Items set aside because their product is not there.
    std::size_t parked_bytes = 0;
    bool held = false;
    bool dirty = false;  ///< Has something to commit.
};

struct WorkItem {
    using Time = std::chrono::steady_clock::time_point;

    ChangeKind kind = ChangeKind::create;
    Message message;
    Event event;
    std::shared_ptr<OwnedPartition> partition;
    std::size_t bytes = 0;
    std::uint64_t sequence = 0;  ///< Order of arrival over all partitions.
    Time arrival{};
    int attempts = 0;  ///< Failures of this item while others succeeded.
    std::optional<Timestamp> first_failure;
    std::uint64_t successes_seen = 0;            ///< Successful calls of the worker when it last failed.
    std::chrono::milliseconds not_found_for{0};  ///< Time counted against Worker.NotFoundWait.
};

/// Not thread-safe. An item is in a lane's queue, parked in its lane, or taken by a batch.
class ProductLanes {
public:
    using Time = WorkItem::Time;
    using Item = std::shared_ptr<WorkItem>;

    void add(Item item);

    /// The next items of lanes that are free and due, at most `items_max`, at most `lane_items_max` of one lane; those
    /// lanes are busy until release().
    std::vector<Item> take(std::size_t items_max, std::size_t lane_items_max, Time now);
    /// Puts taken items back to the front of their lane, in the order they are given; it is due at `due`.
    void give_back(std::vector<Item> items, Time due);
    /// Sets a taken item aside; later ones of its product and topic queue up behind it.
    void park(Item item);
    /// Returns what a product has parked to the front of its lane.
    void unpark(const ProductId& id);
    /// Drops a parked item for good.
    void drop_parked(const Item& item);
    /// Ends the batch that took items of this product.
    void release(const ProductId& id);
    /// Forgets what waits of partitions that were lost; taken items stay with their batch.
    void forget(const OwnedPartition& partition);

    /// Whether anything waits for its turn, now or later.
    bool has_waiting() const { return !ready_.empty() || !delayed_.empty(); }
    /// When the next waiting lane is due; nothing when none waits for a time.
    std::optional<Time> next_due() const;
    std::vector<Item> parked() const;
    std::size_t parked_count() const { return parked_count_; }
    std::size_t parked_bytes() const { return parked_bytes_; }

private:
    struct Lane {
        std::deque<Item> queue;
        std::deque<Item> parked;
        Time due{};
        bool busy = false;
        bool queued = false;  ///< Is in ready_ or delayed_.
    };

    void schedule(const ProductId& id, Lane& lane);
    void wake(Time now);
    bool waits_behind_parked(const Lane& lane, const WorkItem& item) const;

    std::unordered_map<ProductId, Lane> lanes_;
    std::deque<ProductId> ready_;
    std::multimap<Time, ProductId> delayed_;
    void count_parked(const Item& item);
    void uncount_parked(const Item& item);

    std::size_t parked_count_ = 0;
    std::size_t parked_bytes_ = 0;
};

}  // namespace productd
