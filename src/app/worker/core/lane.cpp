// What a lane's queues add up to.
#include "app/worker/core/lane.hpp"

#include <algorithm>

namespace productd {

std::size_t Lane::size() const {
    std::size_t messages = in_call;
    for (const auto& queue : queues) messages += queue.items.size();
    return messages;
}

std::size_t Lane::crowd_for(ChangeKind kind) const {
    if (kind != ChangeKind::create) return size();
    std::size_t messages = in_call;
    for (const auto& queue : queues) messages += queue.is_parked ? 0 : queue.items.size();
    return messages;
}

bool Lane::has_letters() const {
    return std::ranges::any_of(queues, [](const Queue& queue) { return queue.letters > 0; });
}

Lane::Queue* Lane::next_queue() {
    Queue* next = nullptr;
    for (auto& queue : queues) {
        if (!queue.is_free()) continue;
        if (next == nullptr || queue.items.front()->sequence < next->items.front()->sequence) next = &queue;
    }
    return next;
}

}  // namespace productd
