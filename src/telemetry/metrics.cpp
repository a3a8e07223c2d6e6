// Registers metrics and writes all of them as text at a scrape. Calls prometheus-cpp.
#include "telemetry/metrics.hpp"

#include <prometheus/text_serializer.h>

#include <iterator>

namespace productd {

void Metrics::add_source(std::weak_ptr<prometheus::Collectable> source) { sources_.push_back(std::move(source)); }

std::string Metrics::text() const {
    auto families = registry_->Collect();
    for (const auto& weak : sources_) {
        if (const auto source = weak.lock()) {
            auto more = source->Collect();
            families.insert(families.end(), std::make_move_iterator(more.begin()), std::make_move_iterator(more.end()));
        }
    }
    return prometheus::TextSerializer().Serialize(families);
}

prometheus::Counter& Metrics::counter(const std::string& name, const std::string& help) {
    return prometheus::BuildCounter().Name(name).Help(help).Register(*registry_).Add({});
}

prometheus::Gauge& Metrics::gauge(const std::string& name, const std::string& help) {
    return prometheus::BuildGauge().Name(name).Help(help).Register(*registry_).Add({});
}

void Scrape::add(std::string name, std::string help, prometheus::MetricType type, double value) {
    prometheus::ClientMetric metric;
    metric.counter.value = metric.gauge.value = value;  // What is of another type is not written.
    families.push_back({std::move(name), std::move(help), type, {std::move(metric)}});
}

const prometheus::Histogram::BucketBoundaries& duration_buckets() {
    static const prometheus::Histogram::BucketBoundaries bounds{
        0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10};
    return bounds;
}

}  // namespace productd
