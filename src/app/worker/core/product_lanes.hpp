// The messages the worker holds, in one lane a product: what keeps a product's order and lets products run in parallel.
#pragma once

#include <array>
#include <chrono>
#include <deque>
#include <list>
#include <map>
#include <optional>
#include <set>
#include <unordered_map>
#include <vector>

#include "app/worker/core/intake.hpp"
#include "app/worker/core/lane.hpp"

namespace productd {

/// Not thread-safe. A message is in a queue of its lane or taken by a call.
class ProductLanes {
public:
    using Time = WorkItem::Time;

    ProductLanes(Intake& intake, std::size_t lane_max) : intake_(intake), lane_max_(lane_max) {}

    void add(const Item& item);
    /// Null when nothing of the product is held.
    Lane* find(const ProductId& id);
    Lane& at(const ProductId& id) { return lanes_.at(id); }

    /// The next messages of lanes that are due and of such trust: at most `max` and what each lane may be called with,
    /// and at most `lanes_max` lanes. Those are busy until release().
    std::vector<Item> take(Trust trust, std::size_t max, std::size_t lanes_max, Time now);
    /// The next lane of such trust that is due; null when there is none.
    Lane* peek(Trust trust, Time now);
    /// Puts taken messages back in front, in the order they are given.
    void give_back(Lane& lane, std::vector<Item> items);
    /// The call that had messages of this product has ended; what became of each is settled. The lane may be gone then.
    void release(Lane& lane);

    void park(Lane& lane, ChangeKind kind);
    /// What it has parked is tried again.
    void unpark(Lane& lane);
    /// Takes the first message of a parked queue out of it.
    Item take_parked(Lane& lane, ChangeKind kind);
    /// Products that have something parked.
    const std::set<ProductId>& parked() const { return parked_; }

    /// A message taken before is condemned: later ones of its queue wait until letter_ended().
    void await_letter(const Item& item);
    /// Its letter is acknowledged, or is nobody's concern here any more.
    void letter_ended(const Item& item);

    /// Of a lane that is busy or waits for nothing but proof.
    void trust(Lane& lane, Trust trust);
    /// Products held that are culprits.
    std::size_t culprits() const { return culprits_; }
    /// It is to be tried, or has to wait, though it was not called. Of a lane that is not busy.
    void reschedule(Lane& lane, Time due);
    /// Forgets what waits of a partition; taken messages stay with their call.
    void forget(const OwnedPartition& partition);

    /// When the next lane that waits for a time is due.
    std::optional<Time> next_due() const;

private:
    using Lanes = std::unordered_map<ProductId, Lane>;
    struct Entry {
        ProductId id;
        std::uint64_t listing = 0;
    };
    using Ready = std::deque<Entry>;

    Ready& ready(Trust trust) { return ready_[static_cast<std::size_t>(trust)]; }
    Lane* listed(const Entry& entry);
    void schedule(Lane& lane);
    void wake(Time now);
    void take_from(Lane& lane, std::size_t max, std::vector<Item>& taken);
    void stand(const Item& item, WorkItem::Standing standing);
    void stand(Lane& lane, Lane::Queue& queue);
    WorkItem::Standing standing_of(const Lane& lane, const Lane::Queue& queue) const;
    void note_crowd(Lane& lane, const Item& item);
    void tidy(Lane& lane);
    void erase_if_done(Lane& lane);

    Intake& intake_;
    std::size_t lane_max_;
    Lanes lanes_;
    std::array<Ready, 3> ready_;  ///< By trust. Entries whose lane is gone or listed anew are passed over.
    std::multimap<Time, Entry> delayed_;
    std::uint64_t listings_ = 0;
    std::size_t culprits_ = 0;
    std::set<ProductId> parked_;  ///< Lanes with parked queues.
};

}  // namespace productd
