// Calls the worker's counters.
#include "runtime/health/engine_metrics.hpp"

#include <fmt/format.h>

#include "telemetry/metrics.hpp"

namespace productd {

using prometheus::MetricFamily;

std::vector<MetricFamily> EngineMetrics::Collect() const {
    const auto seconds = [](std::chrono::milliseconds age) { return std::chrono::duration<double>(age).count(); };
    std::vector<MetricFamily> families;
    families.push_back(gauge_family("productd_worker_lag_seconds",
                                    "Age of the oldest message the worker is about to apply", seconds(worker_.lag())));
    families.push_back(gauge_family("productd_worker_oldest_unfinished_seconds",
                                    "Age of the oldest message that is not finished, those set aside included",
                                    seconds(oldest_unfinished(worker_, progress_))));
    return families;
}

std::chrono::milliseconds oldest_unfinished(const MessageWorker& worker, const ProgressWatch& progress) {
    const auto standstill = progress.longest(std::chrono::steady_clock::now());
    return std::max(worker.oldest_unfinished_age(), standstill ? standstill->lasts : std::chrono::milliseconds{0});
}

Task<> check_progress(const MessageWorker& worker, const ProgressWatch& progress, std::chrono::milliseconds limit) {
    const auto oldest = oldest_unfinished(worker, progress);
    if (oldest <= limit) co_return Result<>{};
    const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(oldest);
    const auto standstill = progress.longest(std::chrono::steady_clock::now());
    co_return fail(unavailable(fmt::format(
        "An event is unfinished for {} s, longer than Worker.OldestUnfinishedMax allows{}.", seconds.count(),
        standstill ? fmt::format("; {}/{} stands at offset {}", standstill->source.topic, standstill->source.partition,
                                 standstill->offset)
                   : "")));
}

Task<> check_worker(const MessageWorker& worker) {
    if (worker.store_is_down()) co_return fail(unavailable("The worker waits for the store."));
    co_return Result<>{};
}

}  // namespace productd
