// What every cache does alike.
#include "app/ports/product_cache.hpp"

namespace productd {

CachedProduct cached(const Stored& stored) {
    if (const auto* product = std::get_if<StoredProduct>(&stored)) {
        return {std::make_shared<const Product>(product->product), product->product.version};
    }
    return {nullptr, version(stored)};
}

asio::awaitable<void> ProductCache::put_all(std::vector<CacheEntry> entries, SpanContext) {
    for (auto& entry : entries) co_await put(entry.id, std::move(entry.product));
}

}  // namespace productd
