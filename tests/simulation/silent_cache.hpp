// A cache that keeps nothing.
#pragma once

#include "app/ports/product_cache.hpp"

namespace productd::simulation {

class SilentCache : public ProductCache {
public:
    CacheLookup peek(const ProductId&) override { return {}; }
    CacheTicket ticket(const ProductId&) override { return {}; }
    asio::awaitable<CacheLookup> find(ProductId, SpanContext) override { co_return CacheLookup{}; }
    asio::awaitable<void> put(ProductId, CachedProduct) override { co_return; }
    asio::awaitable<void> put_all(std::vector<CacheEntry>, SpanContext) override { co_return; }
    asio::awaitable<void> forget_older(std::vector<ProductVersion>, SpanContext) override { co_return; }
    asio::awaitable<bool> fill(ProductId, CachedProduct, CacheTicket, SpanContext) override { co_return false; }
};

}  // namespace productd::simulation
