// Calls the cache, which never fails, and tells the span and the metrics.
#include "outbound/observed/observed_product_cache.hpp"

namespace productd {

asio::awaitable<CacheLookup> ObservedProductCache::find(ProductId id, SpanContext trace) {
    auto call = begin("get", 1, trace);
    auto lookup = co_await cache_.find(id, call.context());
    call.span().set(span_name::db_response_returned_rows, std::int64_t{lookup.hit.has_value()});
    co_return lookup;
}

asio::awaitable<void> ObservedProductCache::put_all(std::vector<CacheEntry> entries, SpanContext trace) {
    const auto call = begin("put", entries.size(), trace);
    co_await cache_.put_all(std::move(entries), call.context());
}

asio::awaitable<void> ObservedProductCache::forget_older(std::vector<ProductVersion> stored, SpanContext trace) {
    const auto call = begin("forget", stored.size(), trace);
    co_await cache_.forget_older(std::move(stored), call.context());
}

asio::awaitable<bool> ObservedProductCache::fill(ProductId id, CachedProduct entry, CacheTicket ticket,
                                                 SpanContext trace) {
    const auto call = begin("fill", 1, trace);
    co_return co_await cache_.fill(id, std::move(entry), ticket, call.context());
}

}  // namespace productd
