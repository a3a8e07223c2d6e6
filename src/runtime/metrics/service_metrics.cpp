// What the last round of checks found, as gauges. Calls readiness and the certificate.
#include "runtime/metrics/service_metrics.hpp"

#include <algorithm>

#include "telemetry/metrics.hpp"

namespace productd {

std::vector<prometheus::MetricFamily> ServiceMetrics::Collect() const {
    const auto report = readiness_.report();
    const auto passes = [&report](std::string_view check) {
        const auto found = std::ranges::find(report.checks, check, &CheckResult::name);
        return found != report.checks.end() && found->result ? 1 : 0;
    };
    Scrape scrape;
    scrape.gauge("productd_ready", "1 while /readyz says yes", report.is_ready ? 1 : 0);
    scrape.gauge("productd_certificate_expiry_timestamp_seconds",
                 "When the certificate that is shown ends, in seconds since the epoch",
                 certificate_.current().not_after.time_since_epoch().count());
    if (engine_.bus == BusEngine::kafka) scrape.gauge("productd_kafka_up", "1 while Kafka answers", passes("log"));
    if (engine_.store == StoreEngine::mongodb) {
        scrape.gauge("productd_mongodb_up", "1 while MongoDB answers", passes("store"));
    }
    return std::move(scrape.families);
}

}  // namespace productd
