// A store that asks the server of a test, and what to write into it.
#pragma once

#include "outbound/mongo/mongo_product_store.hpp"

namespace productd::test {

inline std::unique_ptr<MongoProductStore> store_of(const std::string& uri,
                                                   std::chrono::milliseconds patience = std::chrono::seconds(30)) {
    MongoStoreSettings settings;
    settings.connection.uri = uri;
    settings.connection.pool_size = 2;
    settings.connection.server_selection_timeout = patience;
    settings.connection.socket_timeout = std::chrono::hours(1);
    return MongoProductStore::open(settings).value();
}

/// Writes product `number`: an insertion when nothing is expected.
inline ProductWrite change(std::uint8_t number, std::optional<Version> expected,
                           const std::string& description = "Shines") {
    Product product{.id = ProductId({number}), .name = "Lamp", .description = description, .price = 1};
    product.version = expected.value_or(Version{0}).next();
    return {expected, StoredProduct{product, {}}};
}

}  // namespace productd::test
