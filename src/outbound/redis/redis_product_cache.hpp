// Products in Redis, for all instances, and in this process in front of it.
#pragma once

#include <random>
#include <unordered_set>

#include "app/ports/ids.hpp"
#include "outbound/memory/memory_product_cache.hpp"
#include "outbound/redis/redis_client.hpp"

namespace productd {

struct RedisCacheSettings {
    RedisSettings redis;
    std::string prefix = "products:";
    MemoryCacheSettings memory;               ///< Its ttl and negative_ttl count in Redis too, jitter included.
    std::chrono::milliseconds lease{10'000};  ///< A read of the store takes no longer, or does not fill.
    std::size_t in_flight_max = 10'000;       ///< Calls of Redis under way beyond which reads go without.
    std::size_t remembered_max = 100'000;     ///< Ids to be deleted in Redis beyond which all of the prefix is.
};

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
/// where
///   Redis says that the key has changed (CLIENT TRACKING). All go when the connection does.
/// - What is read from the store is filled in only under a lease that stood in Redis before it was read; whatever
/// changes
///   the key takes the lease away. Without it, what is older than what was read goes.
/// - What could not be written is deleted before Redis is used again, and what Redis refuses to write is deleted at
/// once.
class RedisProductCache : public ProductCache {
public:
    /// `loop` has one thread and outlives the cache.
    RedisProductCache(asio::any_io_executor loop, RedisCacheSettings settings);

    /// Keeps connected until stop(). Both on the loop.
    asio::awaitable<void> run() { return client_.run(); }
    void stop() { client_.stop(); }

    CacheLookup peek(const ProductId& id) override { return near_.peek(id); }
    /// For put_all: the lease tells whether Redis was lost or emptied since.
    CacheTicket ticket(const ProductId& id) override {
        return {near_.ticket(id).value, flushes_.load(std::memory_order_acquire)};
    }
    asio::awaitable<CacheLookup> find(ProductId id) override;
    asio::awaitable<void> put(ProductId id, CachedProduct entry) override;
    asio::awaitable<void> put_all(std::vector<CacheEntry> entries) override;
    asio::awaitable<void> forget_older(std::vector<ProductVersion> stored) override;
    asio::awaitable<bool> fill(ProductId id, CachedProduct entry, CacheTicket ticket) override;

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
    /// Changes nothing, and is refused where nothing can be changed: by a replica.
    RedisCommands no_op_write() const { return {"UNLINK", settings_.prefix}; }
    std::string key(const ProductId& id) const { return settings_.prefix + id.hex(); }
    std::string ttl_of(const CachedProduct& entry);
    Task<Look> look(ProductId id);
    Task<std::uint64_t> take_lease(ProductId id, bool foreign);
    /// Sends what changes each of `ids`, one command each, and sees that nothing older stays where it fails.
    asio::awaitable<void> change(Ids ids, RedisCommands commands);
    Task<> remove(Ids ids);

    // On the loop.
    Look taken(const ProductId& id, Result<RedisReplies> replies);
    Ids not_kept(const Ids& ids, const Result<RedisReplies>& replies);
    void invalidated(const RespValue& push);
    void flush();
    void remember(const Ids& ids);
    void note_refusal(const std::string& text);
    void note_write_taken();
    void note_write(const RespValue& reply) { reply.is_error() ? note_refusal(reply.text) : note_write_taken(); }
    Task<> repair(RedisConnection& connection);
    Task<> purge(RedisConnection& connection);

    RedisCacheSettings settings_;
    MemoryProductCache near_;
    std::unordered_set<ProductId> remembered_;
    bool all_remembered_ = false;
    std::atomic<std::size_t> remembered_count_{0};
    std::atomic<std::uint64_t> hits_{0}, misses_{0}, skipped_{0}, refused_{0}, invalidations_{0}, flushes_{0};
    mutable std::mutex mutex_;
    std::string refusal_;                                  ///< Why the last write was not taken; empty when it was.
    std::chrono::steady_clock::time_point quiet_until_{};  ///< One line a while, not one a write.
    RedisClient client_;
};

}  // namespace productd
