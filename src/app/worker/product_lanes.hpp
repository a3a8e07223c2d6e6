// The messages in flight, in one lane a product: what keeps a product's order and lets products run in parallel.
#pragma once

#include <algorithm>
#include <array>
#include <chrono>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <unordered_map>
#include <vector>

#include "app/worker/work_item.hpp"

namespace productd {

/// Not thread-safe. An item is in a lane's queue, set aside in its lane, or taken by a batch.
class ProductLanes {
public:
    using Time = WorkItem::Time;
    using Item = std::shared_ptr<WorkItem>;

    /// Lanes by their first item. Suspects go with suspects only, so that what fails a whole call is found by halving.
    enum class Pick { fresh, suspects };

    void add(Item item);

    /// The next items of lanes that are free and due, at most `items_max`, at most `lane_items_max` of one lane, and of
    /// suspects no more than each may be called with; those lanes are busy until release().
    std::vector<Item> take(Pick pick, std::size_t items_max, std::size_t lane_items_max, Time now);
    /// Puts taken items back to the front of their lane, in the order they are given; it is due at `due`.
    void give_back(std::vector<Item> items, Time due);
    /// Sets a taken item aside; later ones of its product and topic queue up behind it.
    void park(Item item);
    /// Returns what a product has parked to the front of its lane.
    void unpark(const ProductId& id);
    /// Drops a parked item for good.
    void drop_parked(const Item& item);
    /// Notes that an item, taken or parked before, was condemned: later ones of its product and topic are set aside
    /// until letter_ended().
    void await_letter(const Item& item);
    /// Its letter is acknowledged, or is nobody's concern here any more; nothing for an item that waits for none.
    void letter_ended(const Item& item);
    /// Ends the batch that took items of this product.
    void release(const ProductId& id);
    /// Forgets what waits of partitions that were lost; taken items stay with their batch.
    void forget(const OwnedPartition& partition);

    /// Products that wait for their turn, now or later.
    std::size_t waiting() const { return fresh_.size() + suspects_.size() + delayed_.size(); }
    /// Whether something of the product waits for its turn or a letter, or is being written: what it has parked may be
    /// freed by that.
    bool is_at_work(const ProductId& id) const;
    /// Whether a product's first item has failed, is parked or has no letter yet, so that the later ones wait for what
    /// it waits for.
    bool is_held_up(const ProductId& id) const;
    /// What waits behind a product's first item.
    std::vector<Item> queued(const ProductId& id) const;
    /// When the next waiting lane is due; nothing when none waits for a time.
    std::optional<Time> next_due() const;
    std::vector<Item> parked() const;
    std::size_t parked_count() const { return parked_count_; }
    std::size_t parked_bytes() const { return parked_bytes_; }
    std::size_t behind_letters_count() const { return behind_letters_count_; }
    std::size_t behind_letters_bytes() const { return behind_letters_bytes_; }

private:
    struct Lane {
        std::deque<Item> queue;
        std::deque<Item> parked;
        std::deque<Item> behind_letter;
        std::array<std::size_t, change_kinds> parked_of_kind{};
        std::array<std::size_t, change_kinds> letters_of_kind{};  ///< Not acknowledged.
        Time due{};
        bool busy = false;
        bool queued = false;  ///< Is in fresh_, suspects_ or delayed_.

        bool awaits_letter() const {
            return std::ranges::any_of(letters_of_kind, [](auto letters) { return letters > 0; });
        }
    };
    using Lanes = std::unordered_map<ProductId, Lane>;

    void schedule(const ProductId& id, Lane& lane);
    void make_ready(const ProductId& id, const Lane& lane);
    void wake(Time now);
    void take_from(Lane& lane, std::size_t count, std::vector<Item>& taken);
    void count_parked(Lane& lane, const Item& item);
    void uncount_parked(Lane& lane, const Item& item);
    void put_behind_letter(Lane& lane, Item item);
    void uncount_behind_letter(const Item& item);
    void erase_if_empty(Lanes::iterator lane);

    Lanes lanes_;
    std::deque<ProductId> fresh_;
    std::deque<ProductId> suspects_;
    std::multimap<Time, ProductId> delayed_;
    std::size_t parked_count_ = 0;
    std::size_t parked_bytes_ = 0;
    std::size_t behind_letters_count_ = 0;
    std::size_t behind_letters_bytes_ = 0;
};

}  // namespace productd
