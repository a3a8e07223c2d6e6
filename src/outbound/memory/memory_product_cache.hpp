// The cache of this process: products by id, bounded by the memory they take.
#pragma once

#include <array>
#include <atomic>
#include <chrono>
#include <functional>
#include <mutex>
#include <random>
#include <unordered_map>

#include "app/ports/product_cache.hpp"
#include "outbound/memory/memory_cache_settings.hpp"

namespace productd {

struct MemoryCacheStats {
    std::uint64_t hits = 0;
    std::uint64_t misses = 0;     ///< Counted by find; a peek that misses is followed by one.
    std::uint64_t evictions = 0;  ///< Entries that went for want of room; expired ones do not count.
    std::size_t entries = 0;
    std::size_t bytes = 0;
};

/// Entries are spread over shards, each behind its own lock that is held for a few instructions. Eviction is SIEVE
/// (https://www.usenix.org/conference/nsdi24/presentation/zhang-yazhuo): as good as LRU for such loads, and a hit only
/// sets a flag instead of moving the entry in a list.
class MemoryProductCache : public ProductCache {
public:
    explicit MemoryProductCache(MemoryCacheSettings settings);

    CacheLookup peek(const ProductId& id) override;
    asio::awaitable<CacheLookup> find(ProductId id, SpanContext = {}) override;
    /// As peek; one that misses is counted.
    CacheLookup find_now(const ProductId& id);
    asio::awaitable<void> put(ProductId id, CachedProduct entry) override;
    asio::awaitable<void> forget_older(std::vector<ProductVersion> stored, SpanContext = {}) override;
    asio::awaitable<bool> fill(ProductId id, CachedProduct entry, CacheTicket ticket, SpanContext = {}) override;
    CacheTicket ticket(const ProductId& id) override;

    /// Keeps what is known to be current, unless something newer is there. Lookups under way stay valid.
    void keep(const ProductId& id, CachedProduct entry);
    /// Forgets an id, and refuses the fills of earlier lookups.
    void drop(const ProductId& id);
    /// The same for every id.
    void clear();

    MemoryCacheStats stats() const;

private:
    static constexpr std::size_t shard_count = 16;
    static constexpr std::size_t tickets_per_shard = 256;

    using Time = std::chrono::steady_clock::time_point;

    struct Entry {
        CachedProduct value;
        Time expires_at;
        std::size_t bytes = 0;
        bool visited = false;
        // Neighbours by age. Entries of an unordered_map never move.
        ProductId id;
        Entry* newer = nullptr;
        Entry* older = nullptr;
    };

    struct Shard {
        mutable std::mutex mutex;
        std::unordered_map<ProductId, Entry> entries;
        Entry* newest = nullptr;
        Entry* oldest = nullptr;
        Entry* hand = nullptr;  ///< Where the search for an entry to evict goes on, towards the newer ones.
        std::array<std::uint64_t, tickets_per_shard> tickets{};
        std::minstd_rand random;
        MemoryCacheStats stats;
    };

    Shard& shard(std::size_t hash) { return shards_[hash % shard_count]; }
    static std::uint64_t& ticket_in(Shard& shard, std::size_t hash);
    void keep_in(Shard& shard, const ProductId& id, CachedProduct value);
    void insert(Shard& shard, const ProductId& id, CachedProduct value, std::size_t bytes);
    static void erase(Shard& shard, Entry& entry);
    static void evict_one(Shard& shard);
    Time expiry(Shard& shard, const CachedProduct& value) const;

    MemoryCacheSettings settings_;
    std::array<Shard, shard_count> shards_;
    std::atomic<std::uint64_t> misses_{0};
};

}  // namespace productd
