// The cache, and how outcomes travel with it: within this process, or by Redis between instances.
#pragma once

#include <future>

#include "outbound/memory/memory_product_cache.hpp"
#include "outbound/redis/redis_outcomes.hpp"
#include "outbound/redis/redis_product_cache.hpp"
#include "runtime/io_threads.hpp"

namespace productd {

class CacheAndOutcomes {
public:
    /// Nothing leaves the process. `ids` outlives it, and `waits_max` is as of ProcessOutcomes, here and below.
    static std::unique_ptr<CacheAndOutcomes> in_process(const MemoryCacheSettings& settings, std::size_t waits_max,
                                                        Ids& ids);
    /// Connects in the background, and again whenever it must: Redis need not be there. `metrics` outlives it.
    static std::unique_ptr<CacheAndOutcomes> on_redis(const RedisCacheSettings& settings, std::size_t waits_max,
                                                      Ids& ids, Metrics& metrics);
    ~CacheAndOutcomes() { stop(); }
    CacheAndOutcomes(const CacheAndOutcomes&) = delete;
    CacheAndOutcomes& operator=(const CacheAndOutcomes&) = delete;

    ProductCache& cache() { return redis_ ? static_cast<ProductCache&>(redis_->cache) : *memory_; }
    Outcomes& outcomes() { return redis_ ? static_cast<Outcomes&>(redis_->outcomes) : *process_outcomes_; }
    /// Fails while Redis is down or takes no writes.
    Task<> check();
    /// When nobody uses the cache any more. Idempotent.
    void stop();

    MemoryCacheStats memory_stats() const { return redis_ ? redis_->cache.near_stats() : memory_->stats(); }
    std::optional<RedisCacheStats> redis_stats() const;
    RedisOutcomesStats outcomes_stats() const { return redis_ ? redis_->outcomes.stats() : RedisOutcomesStats{}; }

private:
    struct Redis {
        Redis(const RedisCacheSettings& settings, std::size_t waits_max, Ids& ids, Metrics& metrics);
        IoThreads loop{"redis", 1};
        RedisProductCache cache;
        RedisOutcomes outcomes;
        std::future<void> cache_ended, outcomes_ended;
    };
    CacheAndOutcomes() = default;

    std::optional<MemoryProductCache> memory_;
    std::optional<ProcessOutcomes> process_outcomes_;
    std::optional<Redis> redis_;
};

}  // namespace productd
