// A list for the many that come and go in order, a map for the few that are set aside. Calls nobody.
#include "app/worker/in_flight.hpp"

namespace productd {

using Place = WorkItem::Place;

void InFlight::add(const Item& item) {
    item->sequence = next_sequence_++;
    item->in_active = active_.insert(active_.end(), item);
    item->place = Place::active;
    bytes_ += item->bytes;
}

void InFlight::set_aside(const Item& item) {
    if (item->place != Place::active) return;
    active_.erase(item->in_active);
    aside_.emplace(item->sequence, item);
    item->place = Place::aside;
}

bool InFlight::remove(const Item& item) {
    switch (item->place) {
        case Place::nowhere: return false;
        case Place::active: active_.erase(item->in_active); break;
        case Place::aside: aside_.erase(item->sequence); break;
    }
    item->place = Place::nowhere;
    bytes_ -= item->bytes;
    return true;
}

std::vector<InFlight::Item> InFlight::of(const OwnedPartition& partition) const {
    std::vector<Item> items;
    for (const auto& item : active_) {
        if (item->partition.get() == &partition) items.push_back(item);
    }
    for (const auto& [sequence, item] : aside_) {
        if (item->partition.get() == &partition) items.push_back(item);
    }
    return items;
}

}  // namespace productd
