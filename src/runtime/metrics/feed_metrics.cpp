// Calls telemetry.
#include "runtime/metrics/feed_metrics.hpp"

namespace productd {

FeedDelays::FeedDelays(Metrics& metrics)
    : delay_(metrics
                 .histograms("productd_feed_delay_seconds", "From a change to those who wait for it on this instance",
                             duration_buckets())
                 .add({})) {}

void FeedDelays::on_change(std::chrono::milliseconds delay) {
    delay_.observe(std::chrono::duration<double>(delay).count(), {});
}

std::vector<prometheus::MetricFamily> FeedMetrics::Collect() const {
    Scrape scrape;
    scrape.gauge("productd_feed_watchers", "Who asks for changes, or waits for them", feed_.watchers());
    return std::move(scrape.families);
}

}  // namespace productd
