// Products in Redis, for all instances, and in this process in front of it.
#pragma once

#include <random>

#include "outbound/redis/redis_cache_repair.hpp"
#include "outbound/redis/redis_cache_settings.hpp"
#include "outbound/redis/redis_client.hpp"
#include "outbound/redis/redis_refusals.hpp"
#include "outbound/redis/redis_tracking.hpp"

namespace productd {

struct RedisCacheStats {
    std::uint64_t hits = 0;
    std::uint64_t misses = 0;
    std::uint64_t skipped = 0;  ///< Reads that went without Redis: it is down, or too much is under way.
    std::uint64_t refused = 0;  ///< Calls that Redis answered with an error.
    std::uint64_t invalidations = 0;
    std::uint64_t flushes = 0;   ///< Times all of this process's entries went at once.
    std::uint64_t failures = 0;  ///< Connections lost or refused.
    std::size_t remembered = 0;  ///< Ids to be deleted in Redis before it is used again.
    bool is_up = false;
};

/// Why no reader sees what is outdated (decision 16):
/// - The process's entries come from Redis's answers alone, are kept where the answer stands in the stream, and go
///   where Redis says that the key has changed (CLIENT TRACKING). All go when the connection does.
/// - What is read from the store is filled in only under a lease that stood in Redis before it was read; whatever
///   changes the key takes the lease away. Without it, what is older than what was read goes.
/// - What could not be written is deleted before Redis is used again (RedisCacheRepair), and what Redis refuses to
///   write is deleted at once.
class RedisProductCache : public ProductCache {
public:
    /// `loop` has one thread and outlives the cache.
    RedisProductCache(asio::any_io_executor loop, RedisCacheSettings settings);

    /// Keeps connected until stop(). Both on the loop.
    asio::awaitable<void> run() { return client_.run(); }
    void stop() { client_.stop(); }

    CacheLookup peek(const ProductId& id) override { return near_.peek(id); }
    /// For put_all: the lease tells whether Redis was lost or emptied since.
    CacheTicket ticket(const ProductId& id) override { return {near_.ticket(id).value, tracking_.flushes()}; }
    asio::awaitable<CacheLookup> find(ProductId id, SpanContext = {}) override;
    asio::awaitable<void> put(ProductId id, CachedProduct entry) override;
    asio::awaitable<void> put_all(std::vector<CacheEntry> entries, SpanContext = {}) override;
    asio::awaitable<void> forget_older(std::vector<ProductVersion> stored, SpanContext = {}) override;
    asio::awaitable<bool> fill(ProductId id, CachedProduct entry, CacheTicket ticket, SpanContext = {}) override;

    /// Fails while Redis is down or takes no writes.
    Task<> check();
    MemoryCacheStats near_stats() const { return near_.stats(); }
    RedisCacheStats stats() const;

private:
    /// What an answer of Redis says of an id: a product, a lease, nothing, or something foreign.
    struct Look {
        std::optional<CachedProduct> hit;
        std::uint64_t lease = 0;
        bool foreign = false;
        bool lost = false;  ///< There was no answer, or an error.
    };
    using Ids = std::vector<ProductId>;

    RedisSession session();
    Task<Look> look(ProductId id);
    Task<std::uint64_t> take_lease(ProductId id, bool foreign);
    /// Sends what changes each of `ids`, one command each, and sees that nothing older stays where it fails.
    asio::awaitable<void> change(Ids ids, RedisCommands commands);
    Task<> remove(Ids ids);

    // On the loop.
    Look taken(const ProductId& id, Result<RedisReplies> replies);
    Ids not_kept(const Ids& ids, const Result<RedisReplies>& replies);

    RedisCacheSettings settings_;
    MemoryProductCache near_;
    RedisTracking tracking_;
    RedisCacheRepair repair_;
    RedisRefusals refusals_;
    std::atomic<std::uint64_t> hits_{0}, misses_{0}, skipped_{0};
    RedisClient client_;
};

}  // namespace productd
