// Pure. Calls fences.
#include "app/dead_letter_overtaken.hpp"

namespace productd {

std::string overtaken_by(ChangeKind kind, const Position& origin, const Stored& stored) {
    if (std::holds_alternative<Nothing>(stored)) return {};
    if (history(stored)->fences.look_up(origin) == Seen::redelivered) {
        return "a later message of its partition was applied to the product";
    }
    const auto* tombstone = std::get_if<Tombstone>(&stored);
    if (kind == ChangeKind::create) return tombstone ? "the product was deleted" : "the product is stored";
    if (tombstone) return tombstone->deleted_at > origin.time ? "the product was deleted after it" : "";
    const auto& product = std::get<StoredProduct>(stored).product;
    const bool is_as_made = product.created_at == product.updated_at;
    return product.updated_at > origin.time && !is_as_made ? "the product was changed after it" : "";
}

}  // namespace productd
