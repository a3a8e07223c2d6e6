// Starts and stops what Redis needs, and asks whichever of the two is there. Calls the caches and their outcomes.
#include "runtime/cache_and_outcomes.hpp"

#include <boost/asio/use_future.hpp>

namespace productd {

CacheAndOutcomes::Redis::Redis(const RedisCacheSettings& settings, std::size_t waits_max, Ids& ids, Metrics& metrics)
    : cache(loop.executor(), settings),
      outcomes(
          loop.executor(), settings.redis, ids, waits_max, [this] { return !cache.stats().is_up; },
          &metrics.histogram("productd_outcome_delay_seconds",
                             "Time until Redis has handed on what another instance waits for", duration_buckets())) {
    cache_ended = asio::co_spawn(loop.executor(), cache.run(), asio::use_future);
    outcomes_ended = asio::co_spawn(loop.executor(), outcomes.run(), asio::use_future);
}

std::unique_ptr<CacheAndOutcomes> CacheAndOutcomes::in_process(const MemoryCacheSettings& settings,
                                                               std::size_t waits_max, Ids& ids) {
    std::unique_ptr<CacheAndOutcomes> made(new CacheAndOutcomes);
    made->memory_.emplace(settings);
    made->process_outcomes_.emplace(ids, waits_max);
    return made;
}

std::unique_ptr<CacheAndOutcomes> CacheAndOutcomes::on_redis(const RedisCacheSettings& settings, std::size_t waits_max,
                                                             Ids& ids, Metrics& metrics) {
    std::unique_ptr<CacheAndOutcomes> made(new CacheAndOutcomes);
    made->redis_.emplace(settings, waits_max, ids, metrics);
    return made;
}

Task<> CacheAndOutcomes::check() {
    if (!redis_) co_return Result<>{};
    co_return co_await redis_->cache.check();
}

std::optional<RedisCacheStats> CacheAndOutcomes::redis_stats() const {
    if (!redis_) return std::nullopt;
    return redis_->cache.stats();
}

void CacheAndOutcomes::stop() {
    if (!redis_ || !redis_->cache_ended.valid()) return;
    asio::post(redis_->loop.executor(), [this] {
        redis_->cache.stop();
        redis_->outcomes.stop();
    });
    redis_->cache_ended.get();
    redis_->outcomes_ended.get();
    redis_->loop.stop();
}

}  // namespace productd
