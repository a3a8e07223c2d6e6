// Begins a span and calls the cache, which never fails.
#include "outbound/traced/traced_product_cache.hpp"

namespace productd {

asio::awaitable<CacheLookup> TracedProductCache::find(ProductId id, SpanContext trace) {
    auto span = database_.begin(tracer_, "get", 1, trace);
    auto lookup = co_await cache_.find(id, span.context());
    span.set(span_name::db_response_returned_rows, std::int64_t{lookup.hit.has_value()});
    co_return lookup;
}

asio::awaitable<void> TracedProductCache::put_all(std::vector<CacheEntry> entries, SpanContext trace) {
    const auto span = database_.begin(tracer_, "put", entries.size(), trace);
    co_await cache_.put_all(std::move(entries), span.context());
}

asio::awaitable<void> TracedProductCache::forget_older(std::vector<ProductVersion> stored, SpanContext trace) {
    const auto span = database_.begin(tracer_, "forget", stored.size(), trace);
    co_await cache_.forget_older(std::move(stored), span.context());
}

asio::awaitable<bool> TracedProductCache::fill(ProductId id, CachedProduct entry, CacheTicket ticket,
                                               SpanContext trace) {
    const auto span = database_.begin(tracer_, "fill", 1, trace);
    co_return co_await cache_.fill(id, std::move(entry), ticket, span.context());
}

}  // namespace productd
