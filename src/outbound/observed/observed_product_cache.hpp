// A product cache behind which a server stands, whose calls are timed, and spans where they are traced.
#pragma once

#include "app/ports/product_cache.hpp"
#include "outbound/observed/call_metrics.hpp"
#include "outbound/observed/observed_server.hpp"

namespace productd {

/// How long each call takes is counted; one that is made for a trace is a client span too.
class ObservedProductCache : public ProductCache {
public:
    /// All outlive it.
    ObservedProductCache(ProductCache& cache, Metrics& metrics, Tracer& tracer, ObservedDatabase database)
        : cache_(cache),
          calls_(metrics, "productd_redis_call_duration_seconds",
                 "Time that a call of the cache in Redis takes, by operation", {"get", "put", "forget", "fill"},
                 Failures::untold),
          tracer_(tracer),
          database_(std::move(database)) {}

    CacheLookup peek(const ProductId& id) override { return cache_.peek(id); }
    CacheTicket ticket(const ProductId& id) override { return cache_.ticket(id); }
    asio::awaitable<CacheLookup> find(ProductId id, SpanContext trace) override;
    asio::awaitable<void> put(ProductId id, CachedProduct entry) override { return cache_.put(id, std::move(entry)); }
    asio::awaitable<void> put_all(std::vector<CacheEntry> entries, SpanContext trace) override;
    asio::awaitable<void> forget_older(std::vector<ProductVersion> stored, SpanContext trace) override;
    asio::awaitable<bool> fill(ProductId id, CachedProduct entry, CacheTicket ticket, SpanContext trace) override;

private:
    ObservedCall begin(std::string_view operation, std::size_t items, const SpanContext& parent) {
        return {calls_.of(operation), database_.begin(tracer_, operation, items, parent)};
    }

    ProductCache& cache_;
    CallMetrics calls_;
    Tracer& tracer_;
    ObservedDatabase database_;
};

}  // namespace productd
