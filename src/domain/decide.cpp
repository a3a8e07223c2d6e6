// Reads top to bottom: the fence, then one function a kind of change. Calls fences and product.
#include "domain/decide.hpp"

#include <algorithm>

namespace productd {

namespace {

bool is_redelivered(const Stored& stored, const Change& change) {
    const auto* past = history(stored);
    return past && change.source && past->fences.look_up(change.source->position) == Seen::redelivered;
}

/// When it was deleted last: of all its deletions the latest, since the message of a later one may have an earlier
/// time.
std::optional<Timestamp> last_deleted(const Stored& stored) {
    const auto* past = history(stored);
    auto latest = past ? past->deleted_at : std::nullopt;
    if (const auto* tombstone = std::get_if<Tombstone>(&stored))
        latest = std::max(latest, std::optional(tombstone->deleted_at));
    return latest;
}

/// The history after `change`: nothing is forgotten, and the change's place in the log is noted.
History extended(const Stored& stored, const Change& change) {
    const auto* past = history(stored);
    History next = past ? *past : History{};
    if (change.source) next.fences.remember(change.source->position, change.source->read_up_to);
    if (change.digest) next.digest = change.digest;
    return next;
}

Version next_version(const Stored& stored) { return version(stored).value_or(Version{0}).next(); }

Write created(const Stored& stored, const Change& change) {
    Product product = merged(Product{.id = change.id}, change.draft);
    product.created_at = product.updated_at = change.time;
    product.version = next_version(stored);
    auto past = extended(stored, change);
    past.deleted_at = last_deleted(stored);
    return Write{StoredProduct{std::move(product), std::move(past)}};
}

/// Older than the product's latest deletion, also after it was made again: redelivered then, it must not come back.
bool is_overtaken(const Stored& stored, const Change& change) {
    const auto deleted = last_deleted(stored);
    return deleted && change.time < *deleted;
}

Rejected already_exists(const Change& change) {
    const char* detail = change.digest ? "The idempotency key was used before, for another product."
                                       : "There is already a product with this id.";
    return Rejected{{Errc::already_exists, detail}};
}

Refused version_mismatch(const Change& change) {
    return Refused{{Errc::aborted, "The product is not at version " + std::to_string(change.expected->value) + "."}};
}

Decision decide_create(const Stored& stored, const Change& change) {
    const auto* past = history(stored);
    // A key makes one product once, so a keyed create never revives what another create or key has made.
    if (past && change.digest && past->digest) {
        if (*past->digest != *change.digest) return already_exists(change);
        const bool stands = std::holds_alternative<StoredProduct>(stored);
        return Superseded{stands ? Superseded::Why::repeated : Superseded::Why::spent};
    }
    if (is_overtaken(stored, change)) return Superseded{Superseded::Why::overtaken};
    if (std::holds_alternative<StoredProduct>(stored)) return already_exists(change);
    return created(stored, change);
}

Decision decide_update(const Stored& stored, const Change& change) {
    if (is_overtaken(stored, change)) return Superseded{Superseded::Why::overtaken};
    const auto* current = std::get_if<StoredProduct>(&stored);
    // A condition on a product that is not there cannot come to hold by waiting.
    if (!current) return change.expected ? Decision{version_mismatch(change)} : Decision{NotYet{}};
    if (change.expected && *change.expected != current->product.version) return version_mismatch(change);

    Product product = merged(current->product, change.draft);
    product.updated_at = change.time;
    product.version = current->product.version.next();
    return Write{StoredProduct{std::move(product), extended(stored, change)}};
}

Decision decide_remove(const Stored& stored, const Change& change) {
    const auto* current = std::get_if<StoredProduct>(&stored);
    if (change.expected && (!current || *change.expected != current->product.version)) return version_mismatch(change);
    if (std::holds_alternative<Nothing>(stored)) return NotYet{};

    const auto deleted_at = std::max(change.time, last_deleted(stored).value_or(change.time));
    return Write{Tombstone{change.id, next_version(stored), deleted_at, extended(stored, change)}};
}

}  // namespace

const History* history(const Stored& stored) {
    if (const auto* product = std::get_if<StoredProduct>(&stored)) return &product->history;
    if (const auto* tombstone = std::get_if<Tombstone>(&stored)) return &tombstone->history;
    return nullptr;
}

std::optional<Version> version(const Stored& stored) {
    if (const auto* product = std::get_if<StoredProduct>(&stored)) return product->product.version;
    if (const auto* tombstone = std::get_if<Tombstone>(&stored)) return tombstone->version;
    return std::nullopt;
}

Decision decide(const Stored& stored, const Change& change) {
    if (is_redelivered(stored, change)) return Superseded{Superseded::Why::redelivered};
    switch (change.kind) {
        case ChangeKind::create: return decide_create(stored, change);
        case ChangeKind::update: return decide_update(stored, change);
        case ChangeKind::remove: return decide_remove(stored, change);
    }
    std::unreachable();
}

}  // namespace productd
