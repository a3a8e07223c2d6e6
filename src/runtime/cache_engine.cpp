// Calls the caches and the outcomes there are.
#include "runtime/cache_engine.hpp"

#include <boost/asio/use_future.hpp>

#include "runtime/service_settings.hpp"

namespace productd {

namespace {

constexpr std::size_t outcome_waits_max = 10'000;

}  // namespace

CacheEngine::Redis::Redis(const RedisCacheSettings& settings, Ids& ids)
    : cache(loop.executor(), settings), outcomes(loop.executor(), settings.redis, ids, outcome_waits_max) {
    cache_ended = asio::co_spawn(loop.executor(), cache.run(), asio::use_future);
    outcomes_ended = asio::co_spawn(loop.executor(), outcomes.run(), asio::use_future);
}

Result<std::unique_ptr<CacheEngine>> CacheEngine::open(const Config& config, Ids& ids) {
    std::unique_ptr<CacheEngine> engine(new CacheEngine);
    if (config.engine.cache != "redis") {
        engine->memory_.emplace(cache_settings(config));
        engine->process_outcomes_.emplace(ids, outcome_waits_max);
        return engine;
    }
    auto settings = redis_cache_settings(config);
    if (!settings) return fail(std::move(settings.error()));
    engine->redis_.emplace(*settings, ids);
    return engine;
}

Task<> CacheEngine::check() {
    if (!redis_) co_return Result<>{};
    co_return co_await redis_->cache.check();
}

std::optional<RedisCacheStats> CacheEngine::redis_stats() const {
    if (!redis_) return std::nullopt;
    return redis_->cache.stats();
}

void CacheEngine::stop() {
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
