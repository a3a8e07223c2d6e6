// Looks at the fences. Calls nobody.
#include "app/feed/change_cause.hpp"

#include <algorithm>

namespace productd {

std::optional<Timestamp> time_of_change(const Stored& latest) {
    if (const auto* product = std::get_if<StoredProduct>(&latest)) return product->product.updated_at;
    if (const auto* tombstone = std::get_if<Tombstone>(&latest)) return tombstone->deleted_at;
    return std::nullopt;
}

std::optional<Position> message_of_change(const Stored& latest) {
    const auto time = time_of_change(latest);
    if (!time) return std::nullopt;
    const auto& fences = history(latest)->fences.entries();
    const auto fence = std::ranges::find(fences, *time, &Fence::read_up_to);
    if (fence == fences.end()) return std::nullopt;
    return Position{fence->source, fence->offset, *time};
}

}  // namespace productd
