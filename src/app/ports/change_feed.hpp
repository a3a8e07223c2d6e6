// What a store tells of its changes, in an order that never reorders one product: a port. Who follows it has, after
// each page, what the store had: the latest state of each product that was changed since, deletions included.
#pragma once

#include <compare>
#include <optional>
#include <string>
#include <vector>

#include "app/ports/call_context.hpp"
#include "domain/decide.hpp"
#include "domain/product.hpp"

namespace productd {

/// A place in the feed of one store, opaque to all but that feed: letters, digits, `-`, `_` and `.`, at most 512 bytes.
/// It holds on every instance of the service and over restarts. Of two with the same family() the greater is the later.
struct FeedPosition {
    std::string text;

    /// Its store's incarnation, which a restore or a migration changes, and whether it is inside of a snapshot.
    std::string_view family() const { return std::string_view(text).substr(0, text.rfind('.')); }
    auto operator<=>(const FeedPosition&) const = default;
};

struct ProductChange {
    ProductId id;
    Stored latest;          ///< Nothing: it is deleted, and what was known of its version is gone too.
    FeedPosition position;  ///< To go on behind it.
};

struct FeedPage {
    /// In the order of the feed; in a snapshot by id, products only.
    std::vector<ProductChange> changes;
    FeedPosition next;  ///< To go on behind the page; also an empty one moves on, so that it does not grow too old.
    bool is_snapshot = false;
    /// Of a snapshot: it is whole with this page, and what it did not name is not there; `next` is where the feed stood
    /// before its first page. Of changes: there were no more when it was read.
    bool is_end = false;
};

struct FeedBounds {
    std::size_t changes_max = 1'000;  ///< At least 1.
    std::size_t bytes_max = 4 << 20;  ///< Of what the changes hold, about; a single change may be larger.
};

class ChangeFeed {
public:
    virtual ~ChangeFeed() = default;

    /// What follows `after`; without it a snapshot of all products begins. Where nothing follows, waits for it until
    /// `wait_until` and then answers with an empty page; one call at a time may wait. A snapshot never waits.
    ///
    /// Fails with out_of_range for a position of another store or of this one before a restore, for one that the feed
    /// has not reached, and for one too old to go on from: begin anew without a position. With invalid_argument for
    /// what never was a position; with unavailable while the store does not answer; with unimplemented where the store
    /// keeps no feed (a MongoDB that is no replica set).
    virtual Task<FeedPage> changes(std::optional<FeedPosition> after, FeedBounds most, Deadline wait_until,
                                   CallContext context) = 0;
};

}  // namespace productd
