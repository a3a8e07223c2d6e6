// Calls the cache's and the worker's counters.
#include "runtime/engine_metrics.hpp"

#include "telemetry/metrics.hpp"

namespace productd {

using prometheus::MetricFamily;

std::vector<MetricFamily> EngineMetrics::Collect() const {
    const auto stats = cache_.stats();
    const auto count = [](auto number) { return static_cast<double>(number); };
    const auto seconds = [](std::chrono::milliseconds age) { return std::chrono::duration<double>(age).count(); };
    std::vector<MetricFamily> families;
    families.push_back(
        counter_family("productd_cache_hits_total", "Reads answered by the in-process cache", count(stats.hits)));
    families.push_back(counter_family("productd_cache_misses_total", "Reads the in-process cache could not answer",
                                      count(stats.misses)));
    families.push_back(
        counter_family("productd_cache_evictions_total", "Entries that went for want of room", count(stats.evictions)));
    families.push_back(gauge_family("productd_cache_entries", "Entries in the in-process cache", count(stats.entries)));
    families.push_back(
        gauge_family("productd_cache_bytes", "Memory of the in-process cache's entries", count(stats.bytes)));
    families.push_back(gauge_family("productd_worker_lag_seconds",
                                    "Age of the oldest message the worker is about to apply", seconds(worker_.lag())));
    families.push_back(gauge_family("productd_worker_oldest_unfinished_seconds",
                                    "Age of the oldest message that is not finished, those set aside included",
                                    seconds(worker_.oldest_unfinished_age())));
    return families;
}

Task<> check_worker(const MessageWorker& worker) {
    if (worker.store_is_down()) co_return fail(unavailable("The worker waits for the store."));
    co_return Result<>{};
}

}  // namespace productd
