// The fence of spec section "effect once". Calls nobody.
#include "domain/fences.hpp"

#include <algorithm>

namespace productd {

const Fence* Fences::find(const TopicPartition& source) const {
    const auto it = std::ranges::find(entries_, source, &Fence::source);
    return it == entries_.end() ? nullptr : &*it;
}

Seen Fences::look_up(const Position& position) const {
    const auto* fence = find(position.source);
    if (!fence || position.offset > fence->offset || position.time > fence->read_up_to) return Seen::never;
    return Seen::redelivered;
}

bool Fences::proves(const Position& position) const {
    const auto* fence = find(position.source);
    return fence && fence->offset == position.offset && fence->read_up_to >= position.time;
}

void Fences::remember(const Position& position, Timestamp read_up_to) {
    read_up_to = std::max(read_up_to, position.time);
    const auto it = std::ranges::find(entries_, position.source, &Fence::source);
    if (it != entries_.end()) {
        // Who reads on from a commit may have forgotten what times came before it: the fence has not. A lower offset is
        // here only because the topic was made anew: its numbers replace the older ones.
        const bool goes_on = position.offset > it->offset;
        it->read_up_to = goes_on ? std::max(it->read_up_to, read_up_to) : read_up_to;
        it->offset = position.offset;
        return;
    }
    if (entries_.size() >= entries_max) entries_.erase(std::ranges::min_element(entries_, {}, &Fence::read_up_to));
    entries_.push_back({position.source, position.offset, read_up_to});
}

}  // namespace productd
