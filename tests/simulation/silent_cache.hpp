// A cache that keeps nothing.
#pragma once

#include "app/ports/product_cache.hpp"

namespace productd::simulation {

class SilentCache : public ProductCache {
public:
    CacheLookup peek(const ProductId&) override { return {}; }
    CacheTicket ticket(const ProductId&) override { return {}; }
    asio::awaitable<CacheLookup> find(ProductId) override { co_return CacheLookup{}; }
    asio::awaitable<void> put(ProductId, CachedProduct) override { co_return; }
    asio::awaitable<void> put_all(std::vector<CacheEntry>) override { co_return; }
    asio::awaitable<void> forget_older(std::vector<ProductVersion>) override { co_return; }
    asio::awaitable<bool> fill(ProductId, CachedProduct, CacheTicket) override { co_return false; }
};

}  // namespace productd::simulation
