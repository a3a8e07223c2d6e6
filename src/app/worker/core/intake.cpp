// A list for the many that come and go in order, a map for the few that are set aside, and a sum for each share.
#include "app/worker/core/intake.hpp"

#include <algorithm>

namespace productd {

using Place = WorkItem::Place;
using Standing = WorkItem::Standing;

namespace {

/// What holds a message, and its product's numbers, is reckoned with for each, however little it says.
static_assert(sizeof(WorkItem) <= Intake::wire_factor * wire_bytes_of_any);

Amount amount_of(const WorkItem& item) { return {1, item.bytes}; }

bool may_have_to_wait(const WorkItem& item) {
    return item.standing == Standing::parked ||
           (item.standing == Standing::ordinary && item.kind != ChangeKind::create && !item.is_decided);
}

void change(Amount& amount, const WorkItem& item, bool comes) {
    if (comes) {
        amount += amount_of(item);
    } else {
        amount -= amount_of(item);
    }
}

std::size_t less(std::size_t from, std::size_t what) { return from > what ? from - what : 0; }

}  // namespace

void Intake::count(WorkItem& item, bool comes) {
    if (may_have_to_wait(item)) change(waiting_, item, comes);
    if (item.standing == Standing::parked) {
        change(parked_, item, comes);
        change(item.partition->parked, item, comes);
    }
    if (item.standing == Standing::failing) {
        change(failing_, item, comes);
        change(item.partition->failing, item, comes);
    }
}

void Intake::add(const Item& item) {
    item->sequence = next_sequence_++;
    item->in_active = active_.insert(active_.end(), item);
    item->place = Place::active;
    held_ += amount_of(*item);
    count(*item, true);
}

void Intake::decided(WorkItem& item) {
    if (item.is_decided) return;
    if (!item.is_held()) return;
    count(item, false);
    item.is_decided = true;
    count(item, true);
}

void Intake::stand(WorkItem& item, Standing standing) {
    if (!item.is_held() || item.standing == standing) return;
    count(item, false);
    item.standing = standing;
    count(item, true);
}

void Intake::set_aside(const Item& item) {
    if (item->place != Place::active) return;
    active_.erase(item->in_active);
    aside_.emplace(item->sequence, item);
    item->place = Place::aside;
}

bool Intake::remove(const Item& item) {
    switch (item->place) {
        case Place::nowhere: return false;
        case Place::active: active_.erase(item->in_active); break;
        case Place::aside: aside_.erase(item->sequence); break;
    }
    count(*item, false);
    item->place = Place::nowhere;
    held_ -= amount_of(*item);
    return true;
}

std::vector<Item> Intake::of(const OwnedPartition& partition) const {
    std::vector<Item> items;
    for (const auto& item : active_) {
        if (item->partition.get() == &partition) items.push_back(item);
    }
    for (const auto& [sequence, item] : aside_) {
        if (item->partition.get() == &partition) items.push_back(item);
    }
    return items;
}

Amount Intake::reserve() const {
    const auto bytes = std::max(bound_.bytes / 20, std::min(message_occupies_max, bound_.bytes / 4));
    return {std::max<std::size_t>(bound_.messages / 20, 1), bytes};
}

Amount Intake::left(const Amount& kept) const {
    return {less(bound_.messages, held_.messages + kept.messages), less(bound_.bytes, held_.bytes + kept.bytes)};
}

Amount Intake::reserve_of_others() const { return {2 * reserve().messages, reserve().bytes}; }

bool Intake::has_ordinary_room() const {
    if (held_.messages == 0) return true;
    const auto room = left(reserve_of_others());
    return room.messages > 0 && room.bytes > 0;
}

FetchRoom Intake::room(bool creates_alone) const {
    auto room = left(creates_alone ? Amount{} : reserve_of_others());
    if (creates_alone) {
        room.messages = std::min(room.messages, reserve().messages);
        room.bytes = std::min(room.bytes, reserve().bytes);
    } else {
        room.messages = std::min(room.messages, less(bound_.messages / 2, waiting_.messages));
        room.bytes = std::min(room.bytes, less(bound_.bytes / 2, waiting_.bytes));
    }
    if (held_.messages == 0) return {std::max<std::size_t>(room.messages, 1), bound_.bytes / wire_factor};
    // Of creates alone one that is larger than what is left would go beyond the bound, since nothing is kept for it.
    if (room.bytes == 0 || (creates_alone && room.bytes < bound_.bytes / 20)) return {};
    return {room.messages, std::max<std::size_t>(room.bytes / wire_factor, 1)};
}

}  // namespace productd
