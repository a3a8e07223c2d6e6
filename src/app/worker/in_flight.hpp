// The messages read and not finished, in order of arrival: what bounds intake, and how long the oldest waits.
#pragma once

#include <cstdint>
#include <list>
#include <map>
#include <memory>
#include <vector>

#include "app/worker/work_item.hpp"

namespace productd {

/// Not thread-safe.
class InFlight {
public:
    using Item = std::shared_ptr<WorkItem>;

    /// Gives the item its number.
    void add(const Item& item);
    /// It no longer counts as lag: it is parked, or waits to be tried again alone. Again, or once it is gone: nothing.
    void set_aside(const Item& item);
    /// False when it was removed before.
    bool remove(const Item& item);
    std::vector<Item> of(const OwnedPartition& partition) const;

    std::size_t count() const { return active_.size() + aside_.size(); }
    /// Memory they take, as each says.
    std::size_t bytes() const { return bytes_; }
    /// Null when there is none.
    const WorkItem* oldest_active() const { return active_.empty() ? nullptr : active_.front().get(); }
    const WorkItem* oldest_aside() const { return aside_.empty() ? nullptr : aside_.begin()->second.get(); }

private:
    std::list<Item> active_;
    std::map<std::uint64_t, Item> aside_;
    std::uint64_t next_sequence_ = 0;
    std::size_t bytes_ = 0;
};

}  // namespace productd
