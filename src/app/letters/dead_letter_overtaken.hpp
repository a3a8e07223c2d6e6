// Whether what a dead letter wanted has been passed by.
#pragma once

#include <map>
#include <string>

#include "app/letters/dead_letter_box.hpp"
#include "app/ports/product_store.hpp"
#include "domain/decide.hpp"

namespace productd {

/// Which changes of products were replays of dead letters: they overtake only letters that are older than theirs.
class KnownReplays {
public:
    /// A message first read at `origin` was published again with the time `published`.
    void add(const ProductId& product, const Position& origin, Timestamp published);
    /// The origin of the replay that changed the product at `changed`; null when it was none.
    const Position* find(const ProductId& product, Timestamp changed) const;

private:
    std::map<std::pair<ProductId, Timestamp>, Position> origins_;
};

/// Why a change that failed at `origin` must not be replayed unasked, as a part of a sentence; empty when nothing
/// speaks against it. What does not: a product that was made after an update or delete of it, and not changed since,
/// for that is what the change waited for; and the replay of an earlier letter of the product. What cannot be read
/// would only fail again.
std::string overtaken_by(ChangeKind kind, const Position& origin, const Found& found, const KnownReplays& replays = {});

/// What is known of replays from the letters in the box.
KnownReplays known_replays(const DeadLetterBox& box);

}  // namespace productd
