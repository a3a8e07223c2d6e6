// Pure. Calls fences.
#include "app/letters/dead_letter_overtaken.hpp"

#include <algorithm>

namespace productd {

namespace {

/// In one partition by offset, which says more than the time its producer gave it.
bool is_earlier(const Position& one, const Position& other) {
    if (one.source == other.source && one.time <= other.time) return one.offset < other.offset;
    return one.time <= other.time;
}

/// Whether `done`, the origin of a replay, stood before `origin` in the same partition.
bool is_before(const Position* done, const Position& origin) {
    return done != nullptr && done->source == origin.source && is_earlier(*done, origin);
}

/// The origin of the replay that the product's fence of a partition is of; null when it is none's.
const Position* replay_at_fence(const StoredProduct& stored, const TopicPartition& source,
                                const KnownReplays& replays) {
    const auto& fences = stored.history.fences.entries();
    const auto fence = std::ranges::find(fences, source, &Fence::source);
    return fence == fences.end() ? nullptr : replays.find(stored.product.id, fence->read_up_to);
}

}  // namespace

void KnownReplays::add(const ProductId& product, const Position& origin, Timestamp published) {
    origins_.insert_or_assign({product, published}, origin);
}

const Position* KnownReplays::find(const ProductId& product, Timestamp changed) const {
    const auto found = origins_.find({product, changed});
    return found == origins_.end() ? nullptr : &found->second;
}

std::string overtaken_by(ChangeKind kind, const Position& origin, const Found& found, const KnownReplays& replays) {
    if (!found) return "what is stored of the product cannot be read";
    const auto& stored = *found;
    if (std::holds_alternative<Nothing>(stored)) return {};
    const auto* tombstone = std::get_if<Tombstone>(&stored);
    const auto* product = std::get_if<StoredProduct>(&stored);
    const auto* last = product ? replays.find(product->product.id, product->product.updated_at) : nullptr;
    const bool is_ours = last != nullptr && is_earlier(*last, origin);
    // The fence of an earlier letter's replay is above every letter's origin; before it, that letter was not passed.
    const bool is_our_fence =
        is_before(last, origin) || (product && is_before(replay_at_fence(*product, origin.source, replays), origin));
    if (!is_our_fence && history(stored)->fences.look_up(origin) == Seen::redelivered) {
        return "a later message of its partition was applied to the product";
    }
    if (kind == ChangeKind::create) return tombstone ? "the product was deleted" : "the product is stored";
    const auto deleted_at = tombstone ? tombstone->deleted_at : product->history.deleted_at;
    if (deleted_at && *deleted_at > origin.time) return "the product was deleted after it";
    if (tombstone || is_ours || product->product.updated_at <= origin.time) return {};
    const bool is_as_made = product->product.created_at == product->product.updated_at;
    return is_as_made ? "" : "the product was changed after it";
}

KnownReplays known_replays(const DeadLetterBox& box) {
    KnownReplays replays;
    for (const auto& entry : box.entries()) {
        if (entry.product && entry.published) replays.add(*entry.product, judged(entry), *entry.published);
    }
    return replays;
}

}  // namespace productd
