// Everything the worker holds, by count and by the memory it occupies: how much more may be fetched, and how long the
// oldest waits.
#pragma once

#include <cstdint>
#include <map>
#include <vector>

#include "app/worker/core/work_item.hpp"

namespace productd {

/// Not thread-safe. One bound over all, in shares: messages that may have to wait for their product (parked ones, and
/// updates and removals whose first call has not ended) take half at most, failing ones about four tenths. A twentieth
/// is kept for creates, which is what parked ones wait for. Whatever the bound, one message at a time is let in.
class Intake {
public:
    /// What a message may occupy: four times the largest on the wire (1 MiB); fetching keeps room for one.
    static constexpr std::size_t message_occupies_max = 4 * 1024 * 1024;
    static constexpr std::size_t wire_factor = 4;  ///< A message occupies at most so many times its size on the wire.

    explicit Intake(Amount bound) : bound_(bound) {}

    /// Gives the item its number.
    void add(const Item& item);
    /// Its first call has ended.
    void decided(WorkItem& item);
    void stand(WorkItem& item, WorkItem::Standing standing);
    /// It no longer counts as lag. Again, or once it is gone: nothing.
    void set_aside(const Item& item);
    /// False when it was removed before.
    bool remove(const Item& item);
    std::vector<Item> of(const OwnedPartition& partition) const;

    Amount held() const { return held_; }
    Amount failing() const { return failing_; }
    Amount parked() const { return parked_; }
    /// Parked and undecided.
    Amount waiting() const { return waiting_; }

    bool is_waiting_share_full() const { return is_reached(waiting_, 1, 2); }
    /// Nearly all of what may wait is parked.
    bool is_parked_share_full() const { return is_reached(parked_, 4, 10); }
    bool is_failing_share_full() const { return failing_.messages > 1 && is_reached(failing_, 4, 10); }
    /// Whether anything of another topic than the create topic has room.
    bool has_ordinary_room() const;

    /// How much the next fetch may bring, for what comes of the topics that are not held back: of creates alone, or of
    /// all.
    FetchRoom room(bool creates_alone) const;

    /// Null when there is none.
    const WorkItem* oldest_active() const { return active_.empty() ? nullptr : active_.front().get(); }
    const WorkItem* oldest_aside() const { return aside_.empty() ? nullptr : aside_.begin()->second.get(); }

private:
    bool is_reached(const Amount& amount, std::size_t share, std::size_t of) const {
        return amount.messages >= bound_.messages * share / of || amount.bytes >= bound_.bytes * share / of;
    }
    /// What is kept for creates.
    Amount reserve() const;
    /// What others leave: the room told for creates alone may be spent on them, where their partitions are resumed
    /// before something is fetched.
    Amount reserve_of_others() const;
    Amount left(const Amount& kept) const;
    void count(WorkItem& item, bool comes);

    Amount bound_;
    Amount held_;
    Amount waiting_;
    Amount parked_;
    Amount failing_;
    std::list<Item> active_;
    std::map<std::uint64_t, Item> aside_;
    std::uint64_t next_sequence_ = 0;
};

}  // namespace productd
