// A position of the feed as text: `s-<incarnation>.<number>`, and inside of a snapshot `s-<incarnation>.<number>.<id>`.
// Numbers have sixteen hex digits, so that they sort as texts.
#pragma once

#include <optional>

#include "app/ports/change_feed.hpp"

namespace productd {

struct SqliteFeedPosition {
    std::int64_t incarnation = 0;          ///< Of the file.
    std::int64_t number = 0;               ///< Of the last change that is behind.
    std::optional<ProductId> snapshot_at;  ///< The last product that was named; the changes of then follow its end.

    FeedPosition text() const;
    /// Fails with invalid_argument for what text() never gave, of any store of this kind, and with out_of_range for
    /// what another kind of store may have given.
    static Result<SqliteFeedPosition> parse(const FeedPosition& position);
};

}  // namespace productd
