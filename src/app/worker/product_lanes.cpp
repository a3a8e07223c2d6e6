// Queues by product, a list of those that are ready, and one of those that wait for a time. Calls nobody.
#include "app/worker/product_lanes.hpp"

#include <algorithm>
#include <ranges>

namespace productd {

void ProductLanes::make_ready(const ProductId& id, const Lane& lane) {
    const bool is_suspect = !lane.queue.empty() && lane.queue.front()->is_suspect();
    (is_suspect ? suspects_ : fresh_).push_back(id);
}

void ProductLanes::schedule(const ProductId& id, Lane& lane) {
    if (lane.busy || lane.queued || lane.queue.empty()) return;
    lane.queued = true;
    if (lane.due == Time{}) {
        make_ready(id, lane);
    } else {
        delayed_.emplace(lane.due, id);
    }
}

void ProductLanes::wake(Time now) {
    while (!delayed_.empty() && delayed_.begin()->first <= now) {
        const auto id = delayed_.begin()->second;
        delayed_.erase(delayed_.begin());
        auto& lane = lanes_.at(id);
        lane.due = {};
        make_ready(id, lane);
    }
}

void ProductLanes::add(Item item) {
    const auto id = item->event.change.id;
    auto& lane = lanes_[id];
    lane.queue.push_back(std::move(item));
    schedule(id, lane);
}

void ProductLanes::take_from(Lane& lane, std::size_t count, std::vector<Item>& taken) {
    const auto full = taken.size() + count;
    while (!lane.queue.empty() && taken.size() < full) {
        auto item = std::move(lane.queue.front());
        lane.queue.pop_front();
        const auto kind = static_cast<std::size_t>(item->kind);
        if (lane.parked_of_kind[kind] > 0) {
            count_parked(lane, item);  // What is parked holds the later ones of its topic.
            lane.parked.push_back(std::move(item));
        } else if (lane.letters_of_kind[kind] > 0) {
            put_behind_letter(lane, std::move(item));
        } else {
            taken.push_back(std::move(item));
        }
    }
}

std::vector<ProductLanes::Item> ProductLanes::take(Pick pick, std::size_t items_max, std::size_t lane_items_max,
                                                   Time now) {
    wake(now);
    auto& ready = pick == Pick::fresh ? fresh_ : suspects_;
    std::vector<Item> taken;
    if (!ready.empty()) taken.reserve(std::min<std::size_t>(items_max, 1'000));
    while (taken.size() < items_max && !ready.empty()) {
        const auto id = ready.front();
        auto& lane = lanes_.at(id);
        if (pick == Pick::suspects && !lane.queue.empty()) {
            items_max = std::min(items_max, lane.queue.front()->batch_limit);
            if (taken.size() >= items_max) break;
        }
        ready.pop_front();
        lane.queued = false;
        const auto before = taken.size();
        take_from(lane, std::min(items_max - before, lane_items_max), taken);
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

// ---------------------------------------------------------------------------------------------- parked

void ProductLanes::count_parked(Lane& lane, const Item& item) {
    ++lane.parked_of_kind[static_cast<std::size_t>(item->kind)];
    ++item->partition->parked;
    item->partition->parked_bytes += item->bytes;
    ++parked_count_;
    parked_bytes_ += item->bytes;
}

void ProductLanes::uncount_parked(Lane& lane, const Item& item) {
    --lane.parked_of_kind[static_cast<std::size_t>(item->kind)];
    --item->partition->parked;
    item->partition->parked_bytes -= item->bytes;
    --parked_count_;
    parked_bytes_ -= item->bytes;
}

void ProductLanes::park(Item item) {
    auto& lane = lanes_.at(item->event.change.id);
    count_parked(lane, item);
    lane.parked.push_back(std::move(item));
}

void ProductLanes::unpark(const ProductId& id) {
    const auto found = lanes_.find(id);
    if (found == lanes_.end()) return;
    auto& lane = found->second;
    for (auto& item : std::views::reverse(lane.parked)) {
        uncount_parked(lane, item);
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
    uncount_parked(lane, item);
    lane.parked.erase(place);
    erase_if_empty(found);
}

std::vector<ProductLanes::Item> ProductLanes::parked() const {
    std::vector<Item> items;
    items.reserve(parked_count_);
    if (parked_count_ == 0) return items;
    for (const auto& [id, lane] : lanes_) items.insert(items.end(), lane.parked.begin(), lane.parked.end());
    return items;
}

// ---------------------------------------------------------------------------------------------- letters

void ProductLanes::await_letter(const Item& item) {
    item->awaits_letter = true;
    ++lanes_[item->event.change.id].letters_of_kind[static_cast<std::size_t>(item->kind)];
}

void ProductLanes::put_behind_letter(Lane& lane, Item item) {
    ++item->partition->behind_letters;
    item->partition->behind_letters_bytes += item->bytes;
    ++behind_letters_count_;
    behind_letters_bytes_ += item->bytes;
    lane.behind_letter.push_back(std::move(item));
}

void ProductLanes::uncount_behind_letter(const Item& item) {
    --item->partition->behind_letters;
    item->partition->behind_letters_bytes -= item->bytes;
    --behind_letters_count_;
    behind_letters_bytes_ -= item->bytes;
}

void ProductLanes::letter_ended(const Item& item) {
    if (!std::exchange(item->awaits_letter, false)) return;
    const auto found = lanes_.find(item->event.change.id);
    auto& lane = found->second;
    if (--lane.letters_of_kind[static_cast<std::size_t>(item->kind)] == 0) {
        // Nothing of this kind is parked: what is parked comes before, so it is set aside here only once it was freed.
        const auto goes_on = [&](const Item& waiting) { return waiting->kind == item->kind; };
        for (const auto& waiting : std::views::reverse(lane.behind_letter)) {
            if (!goes_on(waiting)) continue;
            uncount_behind_letter(waiting);
            lane.queue.push_front(waiting);
        }
        std::erase_if(lane.behind_letter, goes_on);
    }
    schedule(found->first, lane);
    erase_if_empty(found);
}

// ---------------------------------------------------------------------------------------------- ends of turns

void ProductLanes::erase_if_empty(Lanes::iterator lane) {
    const auto& its = lane->second;
    if (its.awaits_letter() || !its.queue.empty() || !its.parked.empty() || its.queued || its.busy) return;
    lanes_.erase(lane);
}

void ProductLanes::release(const ProductId& id) {
    const auto found = lanes_.find(id);
    if (found == lanes_.end()) return;
    found->second.busy = false;
    schedule(id, found->second);
    erase_if_empty(found);
}

void ProductLanes::forget(const OwnedPartition& partition) {
    const auto is_lost = [&](const Item& item) { return item->partition.get() == &partition; };
    for (auto next = lanes_.begin(); next != lanes_.end();) {
        const auto current = next++;
        auto& lane = current->second;
        std::erase_if(lane.queue, is_lost);
        std::erase_if(lane.behind_letter, [&](const Item& item) {
            if (is_lost(item)) uncount_behind_letter(item);
            return is_lost(item);
        });
        std::erase_if(lane.parked, [&](const Item& item) {
            if (is_lost(item)) uncount_parked(lane, item);
            return is_lost(item);
        });
        // One that is empty and listed vanishes when its turn comes.
        erase_if_empty(current);
    }
}

bool ProductLanes::is_at_work(const ProductId& id) const {
    const auto found = lanes_.find(id);
    if (found == lanes_.end()) return false;
    const auto& lane = found->second;
    return lane.busy || !lane.queue.empty() || !lane.behind_letter.empty();
}

bool ProductLanes::is_held_up(const ProductId& id) const {
    const auto found = lanes_.find(id);
    if (found == lanes_.end()) return false;
    const auto& lane = found->second;
    return lane.awaits_letter() || !lane.parked.empty() || (!lane.queue.empty() && lane.queue.front()->attempts > 0);
}

std::vector<ProductLanes::Item> ProductLanes::queued(const ProductId& id) const {
    const auto found = lanes_.find(id);
    if (found == lanes_.end()) return {};
    return {found->second.queue.begin(), found->second.queue.end()};
}

std::optional<ProductLanes::Time> ProductLanes::next_due() const {
    if (delayed_.empty()) return std::nullopt;
    return delayed_.begin()->first;
}

}  // namespace productd
