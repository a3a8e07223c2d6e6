// The rules of change: from what is stored and what arrived to what happens. Every store, the worker and both APIs
// use this one function.
#pragma once

#include <array>
#include <optional>
#include <variant>

#include "domain/enumerators.hpp"
#include "domain/fences.hpp"
#include "domain/product.hpp"
#include "domain/result.hpp"
#include "domain/validation.hpp"

namespace productd {

/// SHA-256 of a validated draft; tells whether two creates with one idempotency key ask for the same product.
using Digest = std::array<std::uint8_t, 32>;

/// What a product remembers of the changes behind it. It outlives the content in the tombstone.
struct History {
    Fences fences;
    std::optional<Digest> digest;  ///< What the create asked for, if it had an idempotency key.
    /// When a product that was made again had been deleted: what is older stays overtaken.
    std::optional<Timestamp> deleted_at;
    bool operator==(const History&) const = default;
};

struct Nothing {
    bool operator==(const Nothing&) const = default;
};

struct StoredProduct {
    Product product;
    History history;
    bool operator==(const StoredProduct&) const = default;
};

/// A deleted product: version, fences and time stay, the content is gone. Reads and searches do not see it.
struct Tombstone {
    ProductId id;
    Version version{};
    Timestamp deleted_at{};  ///< Of the latest of all its deletions, also those before it was made again.
    History history;
    bool operator==(const Tombstone&) const = default;
};

using Stored = std::variant<Nothing, Tombstone, StoredProduct>;

/// The version compare-and-set works on: nothing where nothing is stored.
std::optional<Version> version(const Stored& stored);

/// Null for Nothing.
const History* history(const Stored& stored);

enum class ChangeKind { create, update, remove };

constexpr const char* name(ChangeKind kind) {
    switch (kind) {
        case ChangeKind::create: return "create";
        case ChangeKind::update: return "update";
        case ChangeKind::remove: return "remove";
    }
    std::unreachable();
}

inline constexpr std::size_t change_kinds = enumerators<ChangeKind>.size();

/// Where in the log a change comes from, and the highest message time read from there so far (this one included).
struct Source {
    Position position;
    Timestamp read_up_to{};
};

struct Change {
    ChangeKind kind = ChangeKind::create;
    ProductId id;
    ValidDraft draft = ValidDraft::nothing();  ///< Unused by a removal.
    Timestamp time{};                          ///< Becomes createdAt and updatedAt.
    std::optional<Version> expected;           ///< Apply only if this is the stored version.
    std::optional<Digest> digest;              ///< What a create with an idempotency key asks for.
    std::optional<Source> source;              ///< None for a change that does not come from the log.
};

/// To be written if the stored version still is what was decided upon.
struct Write {
    Stored next;
};

/// Finished without effect.
struct Superseded {
    enum class Why {
        redelivered,  ///< The fence has seen it.
        overtaken,    ///< Older than the product's deletion.
        repeated,     ///< The same keyed create again; the product stands.
        spent,        ///< The same keyed create again; the product was deleted since.
    };
    Why why;
};

/// Its own condition (an expected version) does not hold: finished, and no dead letter.
struct Refused {
    Error error;
};

/// It can never be applied: a dead letter, or an error to who asked.
struct Rejected {
    Error error;
};

/// Its product is not there (yet): the create may be on its way.
struct NotYet {};

using Decision = std::variant<Write, Superseded, Refused, Rejected, NotYet>;

/// What `change` does to what is stored. Pure and total.
Decision decide(const Stored& stored, const Change& change);

}  // namespace productd
