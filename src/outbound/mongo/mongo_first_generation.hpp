// Documents that the older service wrote or changed, given what productd keeps beside a product.
#pragma once

#include <optional>
#include <utility>
#include <vector>

#include "app/ports/product_store.hpp"
#include "outbound/mongo/mongo_client.hpp"

namespace productd {

/// How a document stands.
enum class Standing {
    current,    ///< It has a version, and the folded text of its name and description; or is a tombstone.
    old,        ///< It lacks one of them.
    too_large,  ///< So does it, and its text has no room twice in one command.
};

/// One document of the collection.
struct ScannedDocument {
    ProductId id;
    Found found;
    Standing standing = Standing::current;  ///< Of one that was found.
};

/// Every call blocks, for as long as MongoDB.SocketTimeout; renew() for as long with each of its commands.
class MongoFirstGeneration {
public:
    /// Connects to nothing. Fails as MongoClients::open.
    static Result<MongoFirstGeneration> open(const MongoConnection& connection);

    /// Up to `max` documents behind `after` (nothing: from the first on), by id, as most members have them; fewer where
    /// they have 15 MiB. Empty at the end. What has another kind of id is no product, for either service.
    Result<std::vector<ScannedDocument>> page(const std::optional<ProductId>& after, std::size_t max);
    /// Gives each, none of them too large, the next version and its folded text, and touches nothing else, in commands
    /// of 15 MiB. A document whose version, name or description changed since it was read is left: how many were.
    Result<std::int64_t> renew(const std::vector<Product>& products);

private:
    MongoFirstGeneration(std::unique_ptr<MongoClients> clients, std::chrono::milliseconds call_time)
        : clients_(std::move(clients)), call_time_(call_time) {}

    std::unique_ptr<MongoClients> clients_;
    std::chrono::milliseconds call_time_;
};

}  // namespace productd
