// Queues by product, a ready list, and a list of lanes that wait for a time. Calls nobody.
#include "app/product_lanes.hpp"

#include <algorithm>
#include <ranges>

namespace productd {

void ProductLanes::schedule(const ProductId& id, Lane& lane) {
    if (lane.busy || lane.queued || lane.queue.empty()) return;
    lane.queued = true;
    if (lane.due == Time{}) {
        ready_.push_back(id);
    } else {
        delayed_.emplace(lane.due, id);
    }
}

void ProductLanes::wake(Time now) {
    while (!delayed_.empty() && delayed_.begin()->first <= now) {
        const auto id = delayed_.begin()->second;
        delayed_.erase(delayed_.begin());
        lanes_.at(id).due = {};
        ready_.push_back(id);
    }
}

void ProductLanes::add(Item item) {
    const auto id = item->event.change.id;
    auto& lane = lanes_[id];
    lane.queue.push_back(std::move(item));
    schedule(id, lane);
}

bool ProductLanes::waits_behind_parked(const Lane& lane, const WorkItem& item) const {
    return std::ranges::any_of(lane.parked, [&](const Item& parked) { return parked->kind == item.kind; });
}

std::vector<ProductLanes::Item> ProductLanes::take(std::size_t items_max, std::size_t lane_items_max, Time now) {
    wake(now);
    std::vector<Item> taken;
    while (taken.size() < items_max && !ready_.empty()) {
        const auto id = ready_.front();
        ready_.pop_front();
        auto& lane = lanes_.at(id);
        lane.queued = false;
        const auto before = taken.size();
        while (!lane.queue.empty() && taken.size() < items_max && taken.size() - before < lane_items_max) {
            auto item = std::move(lane.queue.front());
            lane.queue.pop_front();
            if (waits_behind_parked(lane, *item)) {
                park(std::move(item));
            } else {
                taken.push_back(std::move(item));
            }
        }
        lane.busy = taken.size() > before;
        if (!lane.busy) release(id);
    }
    return taken;
}

void ProductLanes::give_back(std::vector<Item> items, Time due) {
    for (auto& item : std::views::reverse(items)) {
        auto& lane = lanes_[item->event.change.id];
        lane.due = due;
        lane.queue.push_front(std::move(item));
    }
}

void ProductLanes::count_parked(const Item& item) {
    ++item->partition->parked;
    item->partition->parked_bytes += item->bytes;
    ++parked_count_;
    parked_bytes_ += item->bytes;
}

void ProductLanes::uncount_parked(const Item& item) {
    --item->partition->parked;
    item->partition->parked_bytes -= item->bytes;
    --parked_count_;
    parked_bytes_ -= item->bytes;
}

void ProductLanes::park(Item item) {
    auto& lane = lanes_.at(item->event.change.id);
    count_parked(item);
    lane.parked.push_back(std::move(item));
}

void ProductLanes::unpark(const ProductId& id) {
    const auto found = lanes_.find(id);
    if (found == lanes_.end()) return;
    auto& lane = found->second;
    for (auto& item : std::views::reverse(lane.parked)) {
        uncount_parked(item);
        lane.queue.push_front(std::move(item));
    }
    lane.parked.clear();
    schedule(id, lane);
}

void ProductLanes::drop_parked(const Item& item) {
    const auto found = lanes_.find(item->event.change.id);
    if (found == lanes_.end()) return;
    auto& lane = found->second;
    const auto place = std::ranges::find(lane.parked, item);
    if (place == lane.parked.end()) return;
    uncount_parked(item);
    lane.parked.erase(place);
    if (!lane.busy) release(found->first);
}

void ProductLanes::release(const ProductId& id) {
    const auto found = lanes_.find(id);
    if (found == lanes_.end()) return;
    auto& lane = found->second;
    lane.busy = false;
    if (lane.queue.empty() && lane.parked.empty() && !lane.queued) {
        lanes_.erase(found);
    } else {
        schedule(id, lane);
    }
}

void ProductLanes::forget(const OwnedPartition& partition) {
    const auto is_lost = [&](const Item& item) { return item->partition.get() == &partition; };
    for (auto& [id, lane] : lanes_) {
        std::erase_if(lane.queue, is_lost);
        std::erase_if(lane.parked, [&](const Item& item) {
            if (is_lost(item)) uncount_parked(item);
            return is_lost(item);
        });
    }
    // Lanes that are empty now stay listed and vanish when their turn comes.
}

std::optional<ProductLanes::Time> ProductLanes::next_due() const {
    if (delayed_.empty()) return std::nullopt;
    return delayed_.begin()->first;
}

std::vector<ProductLanes::Item> ProductLanes::parked() const {
    std::vector<Item> items;
    items.reserve(parked_count_);
    if (parked_count_ == 0) return items;
    for (const auto& [id, lane] : lanes_) items.insert(items.end(), lane.parked.begin(), lane.parked.end());
    return items;
}

}  // namespace productd
