// Two gauges made anew at each scrape, so that they age between messages too. Calls the worker.
#include "runtime/metrics/worker_ages.hpp"

#include "runtime/health/worker_checks.hpp"
#include "telemetry/metrics.hpp"

namespace productd {

using prometheus::MetricFamily;

std::vector<MetricFamily> WorkerAges::Collect() const {
    const auto seconds = [](std::chrono::milliseconds age) { return std::chrono::duration<double>(age).count(); };
    Scrape scrape;
    scrape.gauge("productd_worker_lag_seconds", "Age of the oldest message the worker is about to apply",
                 seconds(worker_.lag()));
    scrape.gauge("productd_worker_oldest_unfinished_seconds",
                 "Age of the oldest message that is not finished, those set aside included",
                 seconds(oldest_unfinished(worker_, progress_)));
    return std::move(scrape.families);
}

}  // namespace productd
