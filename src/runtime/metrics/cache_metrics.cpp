// Reads the counters of whichever cache is there. Calls CacheAndOutcomes.
#include "runtime/metrics/cache_metrics.hpp"

#include "telemetry/metrics.hpp"

namespace productd {

namespace {

using Families = std::vector<prometheus::MetricFamily>;

void count(Families& families, const char* name, const char* help, std::uint64_t value) {
    families.push_back(counter_family(name, help, static_cast<double>(value)));
}

void gauge(Families& families, const char* name, const char* help, std::size_t value) {
    families.push_back(gauge_family(name, help, static_cast<double>(value)));
}

}  // namespace

Families CacheMetrics::Collect() const {
    Families families;
    const auto memory = engine_.memory_stats();
    count(families, "productd_cache_hits_total", "Reads answered by the in-process cache", memory.hits);
    count(families, "productd_cache_misses_total", "Reads the in-process cache could not answer", memory.misses);
    count(families, "productd_cache_evictions_total", "Entries that went for want of room", memory.evictions);
    gauge(families, "productd_cache_entries", "Entries in the in-process cache", memory.entries);
    gauge(families, "productd_cache_bytes", "Memory of the in-process cache's entries", memory.bytes);

    const auto redis = engine_.redis_stats();
    if (!redis) return families;
    gauge(families, "productd_redis_up", "1 while Redis is used", redis->is_up ? 1 : 0);
    count(families, "productd_redis_hits_total", "Reads answered by Redis", redis->hits);
    count(families, "productd_redis_misses_total", "Reads Redis could not answer", redis->misses);
    count(families, "productd_redis_skipped_total", "Reads without Redis: it is down or too busy", redis->skipped);
    count(families, "productd_redis_refused_total", "Calls Redis answered with an error", redis->refused);
    count(families, "productd_redis_failures_total", "Connections to Redis lost or refused", redis->failures);
    count(families, "productd_redis_invalidations_total", "Changed keys Redis told of", redis->invalidations);
    count(families, "productd_redis_flushes_total", "Times the in-process cache was emptied", redis->flushes);
    gauge(families, "productd_redis_remembered_ids", "Products to be deleted in Redis before it is used again",
          redis->remembered);
    const auto outcomes = engine_.outcomes_stats();
    count(families, "productd_outcomes_sent_total", "Outcomes told to another instance", outcomes.sent);
    count(families, "productd_outcomes_received_total", "Outcomes heard from another instance", outcomes.received);
    count(families, "productd_outcomes_lost_total", "Outcomes that could not be told, or nobody heard", outcomes.lost);
    return families;
}

}  // namespace productd
