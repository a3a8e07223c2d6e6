// What the server's reply to a command of many items tells of each.
#pragma once

#include <optional>
#include <vector>

#include "app/ports/product_store.hpp"
#include "outbound/mongo/mongo_client.hpp"

namespace productd {

struct MongoBulkReply {
    std::vector<WriteOutcome> outcomes;  ///< One for each item, in order. Not to be believed with a failure.
    std::vector<std::size_t> upserted;   ///< Items that were put where nothing was; known even with a failure.
    std::optional<Error> failure;        ///< The bulk failed as a whole: any of it may be stored, or not.
};

/// The reply to an acknowledged `insert` or `update` of `items`, and the error that came with it.
MongoBulkReply read_bulk_reply(const bson_t& reply, const bson_error_t& error, std::size_t items);

}  // namespace productd
