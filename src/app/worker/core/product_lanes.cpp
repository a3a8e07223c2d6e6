// Queues by product, a list of the lanes that are ready for each trust, and one of those that wait for a time.
#include "app/worker/core/product_lanes.hpp"

#include <algorithm>
#include <ranges>

namespace productd {

namespace {

/// Of one product in one call; what a hot product has more of waits for the next.
constexpr std::size_t lane_items_max = 200;

/// Of a topic that was made anew. In one write with what was read before, the product's fence would be of the later
/// life only, and could not tell any more whether the other was applied.
bool is_of_a_later_life(const WorkItem& item, const std::vector<const WorkItem*>& earlier) {
    return std::ranges::any_of(
        earlier, [&](const WorkItem* other) { return other->partition == item.partition && other->life != item.life; });
}

}  // namespace

using Standing = WorkItem::Standing;

Lane* ProductLanes::find(const ProductId& id) {
    const auto found = lanes_.find(id);
    return found == lanes_.end() ? nullptr : &found->second;
}

void ProductLanes::add(const Item& item) {
    const auto& id = item->event.change.id;
    auto& lane = lanes_[id];
    lane.id = id;
    auto& queue = lane.queue(item->kind);
    queue.items.push_back(item);
    stand(item, standing_of(lane, queue));
    note_crowd(lane, item);
    schedule(lane);
}

/// A lane at its bound holds the partitions that go on filling it.
void ProductLanes::note_crowd(Lane& lane, const Item& item) {
    if (lane.crowd_for(item->kind) < lane_max_ ||
        std::ranges::find(lane.crowded, item->partition) != lane.crowded.end())
        return;
    lane.crowded.push_back(item->partition);
    ++item->partition->crowded_lanes;
}

// ---------------------------------------------------------------------------------------------- turns

Lane* ProductLanes::listed(const Entry& entry) {
    auto* lane = find(entry.id);
    return lane != nullptr && lane->listing == entry.listing ? lane : nullptr;
}

void ProductLanes::schedule(Lane& lane) {
    if (lane.is_busy || lane.listing != 0 || lane.accused || lane.next_queue() == nullptr) return;
    lane.listing = ++listings_;
    if (lane.due == Time{}) {
        ready(lane.trust).push_back({lane.id, lane.listing});
    } else {
        delayed_.emplace(lane.due, Entry{lane.id, lane.listing});
    }
}

void ProductLanes::wake(Time now) {
    while (!delayed_.empty() && delayed_.begin()->first <= now) {
        const auto entry = delayed_.begin()->second;
        delayed_.erase(delayed_.begin());
        auto* lane = listed(entry);
        if (lane == nullptr) continue;
        lane->due = {};
        ready(lane->trust).push_back(entry);
    }
}

std::optional<ProductLanes::Time> ProductLanes::next_due() const {
    if (delayed_.empty()) return std::nullopt;
    return delayed_.begin()->first;
}

void ProductLanes::reschedule(Lane& lane, Time due) {
    lane.listing = 0;
    lane.due = due;
    schedule(lane);
}

Lane* ProductLanes::peek(Trust trust, Time now) {
    wake(now);
    auto& lanes = ready(trust);
    while (!lanes.empty()) {
        if (auto* lane = listed(lanes.front())) return lane;
        lanes.pop_front();
    }
    return nullptr;
}

void ProductLanes::take_from(Lane& lane, std::size_t max, std::vector<Item>& taken) {
    std::vector<const WorkItem*> earlier;
    while (lane.in_call < max) {
        auto* queue = lane.next_queue();
        if (queue == nullptr || is_of_a_later_life(*queue->items.front(), earlier)) return;
        auto item = std::move(queue->items.front());
        queue->items.pop_front();
        if (item->life != item->partition->tracker.life()) earlier.push_back(item.get());
        ++lane.in_call;
        lane.creates_busy = lane.creates_busy || item->kind == ChangeKind::create;
        taken.push_back(std::move(item));
    }
}

std::vector<Item> ProductLanes::take(Trust trust, std::size_t max, std::size_t lanes_max, Time now) {
    std::vector<Item> taken;
    for (std::size_t lanes = 0; lanes < lanes_max; ++lanes) {
        auto* lane = peek(trust, now);
        if (lane == nullptr) break;
        max = std::min(max, std::max(lane->limit, std::size_t{1}));
        if (taken.size() >= max) break;
        if (taken.empty()) taken.reserve(std::min<std::size_t>(max, 1'000));
        ready(trust).pop_front();
        lane->listing = 0;
        lane->is_busy = true;
        take_from(*lane, std::min(max - taken.size(), lane_items_max), taken);
    }
    return taken;
}

void ProductLanes::give_back(Lane& lane, std::vector<Item> items) {
    for (auto& item : std::views::reverse(items)) {
        if (!item->is_held()) continue;  // Its partition was lost meanwhile.
        auto& queue = lane.queue(item->kind);
        stand(item, standing_of(lane, queue));
        queue.items.push_front(std::move(item));
    }
}

void ProductLanes::release(Lane& lane) {
    lane.is_busy = false;
    lane.creates_busy = false;
    lane.in_call = 0;
    tidy(lane);
    schedule(lane);
    erase_if_done(lane);
}

/// A queue without messages is not parked.
void ProductLanes::tidy(Lane& lane) {
    bool is_parked = false;
    for (auto& queue : lane.queues) {
        queue.is_parked = queue.is_parked && !queue.items.empty();
        is_parked = is_parked || queue.is_parked;
    }
    if (!is_parked) parked_.erase(lane.id);
}

void ProductLanes::erase_if_done(Lane& lane) {
    std::erase_if(lane.crowded, [&](const auto& partition) {
        const bool has_room = lane.crowd_for(partition->kind) <= lane_max_ * 9 / 10;
        if (has_room) --partition->crowded_lanes;
        return has_room;
    });
    if (lane.is_busy || lane.size() > 0 || lane.has_letters()) return;
    lane.listing = 0;
    if (lane.trust == Trust::culprit) --culprits_;
    lanes_.erase(ProductId{lane.id});
}

// ---------------------------------------------------------------------------------------------- what waits

WorkItem::Standing ProductLanes::standing_of(const Lane& lane, const Lane::Queue& queue) const {
    if (lane.trust == Trust::culprit || queue.letters > 0) return Standing::failing;
    return queue.is_parked ? Standing::parked : Standing::ordinary;
}

void ProductLanes::stand(const Item& item, Standing standing) {
    if (item->standing == standing) return;
    intake_.stand(*item, standing);
    if (standing != Standing::ordinary) intake_.set_aside(item);
}

void ProductLanes::stand(Lane& lane, Lane::Queue& queue) {
    const auto standing = standing_of(lane, queue);
    for (const auto& item : queue.items) stand(item, standing);
}

void ProductLanes::trust(Lane& lane, Trust trust) {
    if (lane.trust == trust) return;
    if (lane.trust == Trust::culprit) --culprits_;
    if (trust == Trust::culprit) ++culprits_;
    lane.trust = trust;
    for (auto& queue : lane.queues) stand(lane, queue);
}

void ProductLanes::park(Lane& lane, ChangeKind kind) {
    lane.queue(kind).is_parked = true;
    parked_.insert(lane.id);
    stand(lane, lane.queue(kind));
}

void ProductLanes::unpark(Lane& lane) {
    if (parked_.erase(lane.id) == 0) return;
    for (auto& queue : lane.queues) {
        if (!std::exchange(queue.is_parked, false)) continue;
        stand(lane, queue);
    }
    schedule(lane);
}

Item ProductLanes::take_parked(Lane& lane, ChangeKind kind) {
    auto& items = lane.queue(kind).items;
    auto item = std::move(items.front());
    items.pop_front();
    tidy(lane);
    return item;
}

void ProductLanes::await_letter(const Item& item) {
    auto& lane = lanes_.at(item->event.change.id);
    auto& queue = lane.queue(item->kind);
    ++queue.letters;
    item->awaits_letter = true;
    stand(item, Standing::failing);
    stand(lane, queue);
}

void ProductLanes::letter_ended(const Item& item) {
    if (!std::exchange(item->awaits_letter, false)) return;
    auto* lane = find(item->event.change.id);
    auto& queue = lane->queue(item->kind);
    --queue.letters;
    stand(*lane, queue);
    schedule(*lane);
    erase_if_done(*lane);
}

void ProductLanes::forget(const OwnedPartition& partition) {
    const auto is_lost = [&](const Item& item) { return item->partition.get() == &partition; };
    for (auto next = lanes_.begin(); next != lanes_.end();) {
        auto& lane = (next++)->second;
        std::erase_if(lane.crowded, [&](const auto& crowded) { return crowded.get() == &partition; });
        for (auto& queue : lane.queues) std::erase_if(queue.items, is_lost);
        tidy(lane);
        if (lane.next_queue() == nullptr) lane.listing = 0;
        if (lane.accused && !lane.accused->is_held()) lane.accused.reset();
        erase_if_done(lane);
    }
}

}  // namespace productd
