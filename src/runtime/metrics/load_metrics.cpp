// A family a reading, labelled by kind. Calls AdaptiveLimit.
#include "runtime/metrics/load_metrics.hpp"

#include <prometheus/metric_family.h>

namespace productd {

namespace {

prometheus::ClientMetric of_kind(const char* kind) {
    prometheus::ClientMetric metric;
    metric.label.push_back({"kind", kind});
    return metric;
}

}  // namespace

std::vector<prometheus::MetricFamily> LoadMetrics::Collect() const {
    using Type = prometheus::MetricType;
    prometheus::MetricFamily under_way{"productd_load_under_way", "Work under way, by kind", Type::Gauge, {}};
    prometheus::MetricFamily limit{
        "productd_load_limit", "How much of it may be, by kind; 65536 is no limit", Type::Gauge, {}};
    prometheus::MetricFamily refused{
        "productd_load_refused_total", "Work refused: more came than is answered in time", Type::Counter, {}};
    const auto read = [&](const char* kind, const AdaptiveLimit& of) {
        const auto reading = of.reading();
        auto metric = of_kind(kind);
        metric.gauge.value = static_cast<double>(reading.under_way);
        under_way.metric.push_back(metric);
        metric = of_kind(kind);
        metric.counter.value = static_cast<double>(reading.refused);
        refused.metric.push_back(metric);
        metric = of_kind(kind);
        metric.gauge.value = static_cast<double>(reading.limit);
        limit.metric.push_back(metric);
    };
    read("read", catalog_.limits().reads);
    read("search", catalog_.limits().searches);
    read("write", catalog_.limits().writes);
    read("direct_write", direct_.limit());
    return {under_way, limit, refused};
}

}  // namespace productd
