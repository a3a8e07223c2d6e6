// A product cache behind which a server stands, whose calls are spans.
#pragma once

#include "app/ports/product_cache.hpp"
#include "outbound/traced/traced_server.hpp"

namespace productd {

/// A client span for each call that is made for a trace.
class TracedProductCache : public ProductCache {
public:
    /// Both outlive it.
    TracedProductCache(ProductCache& cache, Tracer& tracer, TracedDatabase database)
        : cache_(cache), tracer_(tracer), database_(std::move(database)) {}

    CacheLookup peek(const ProductId& id) override { return cache_.peek(id); }
    CacheTicket ticket(const ProductId& id) override { return cache_.ticket(id); }
    asio::awaitable<CacheLookup> find(ProductId id, SpanContext trace) override;
    asio::awaitable<void> put(ProductId id, CachedProduct entry) override { return cache_.put(id, std::move(entry)); }
    asio::awaitable<void> put_all(std::vector<CacheEntry> entries, SpanContext trace) override;
    asio::awaitable<void> forget_older(std::vector<ProductVersion> stored, SpanContext trace) override;
    asio::awaitable<bool> fill(ProductId id, CachedProduct entry, CacheTicket ticket, SpanContext trace) override;

private:
    ProductCache& cache_;
    Tracer& tracer_;
    TracedDatabase database_;
};

}  // namespace productd
