// Reads the counters of whichever cache is there. Calls CacheAndOutcomes.
#include "runtime/metrics/cache_metrics.hpp"

#include "telemetry/metrics.hpp"

namespace productd {

std::vector<prometheus::MetricFamily> CacheMetrics::Collect() const {
    Scrape scrape;
    const auto memory = engine_.memory_stats();
    scrape.counter("productd_cache_hits_total", "Reads answered by the in-process cache", memory.hits);
    scrape.counter("productd_cache_misses_total", "Reads the in-process cache could not answer", memory.misses);
    scrape.counter("productd_cache_evictions_total", "Entries that went for want of room", memory.evictions);
    scrape.gauge("productd_cache_entries", "Entries in the in-process cache", memory.entries);
    scrape.gauge("productd_cache_bytes", "Memory of the in-process cache's entries", memory.bytes);

    const auto redis = engine_.redis_stats();
    if (!redis) return std::move(scrape.families);
    scrape.gauge("productd_redis_up", "1 while Redis is used", redis->is_up ? 1 : 0);
    scrape.counter("productd_redis_hits_total", "Reads answered by Redis", redis->hits);
    scrape.counter("productd_redis_misses_total", "Reads Redis could not answer", redis->misses);
    scrape.counter("productd_redis_skipped_total", "Reads without Redis: it is down or too busy", redis->skipped);
    scrape.counter("productd_redis_refused_total", "Calls Redis answered with an error", redis->refused);
    scrape.counter("productd_redis_failures_total", "Connections to Redis lost or refused", redis->failures);
    scrape.counter("productd_redis_invalidations_total", "Changed keys Redis told of", redis->invalidations);
    scrape.counter("productd_redis_flushes_total", "Times the in-process cache was emptied", redis->flushes);
    scrape.gauge("productd_redis_remembered_ids", "Products to be deleted in Redis before it is used again",
                 redis->remembered);
    const auto outcomes = engine_.outcomes_stats();
    scrape.counter("productd_outcomes_sent_total", "Outcomes told to another instance", outcomes.sent);
    scrape.counter("productd_outcomes_received_total", "Outcomes heard from another instance", outcomes.received);
    scrape.counter("productd_outcomes_lost_total", "Outcomes that could not be told, or nobody heard", outcomes.lost);
    return std::move(scrape.families);
}

}  // namespace productd
