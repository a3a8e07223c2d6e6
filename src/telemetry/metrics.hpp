// The one registry of the process and its text form. Parts make their families on it by name.
#pragma once

#include <memory>
#include <string>

#include <prometheus/counter.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/metric_family.h>
#include <prometheus/registry.h>

namespace productd {

class Metrics {
public:
    Metrics() : registry_(std::make_shared<prometheus::Registry>()) {}

    prometheus::Registry& registry() { return *registry_; }
    /// Another source of families asked at every scrape, for values that are read rather than counted.
    void add_source(std::weak_ptr<prometheus::Collectable> source);
    /// Prometheus text format 0.0.4.
    std::string text() const;

    /// A counter without labels, at 0 from the start.
    prometheus::Counter& counter(const std::string& name, const std::string& help);
    prometheus::Gauge& gauge(const std::string& name, const std::string& help);

private:
    std::shared_ptr<prometheus::Registry> registry_;
    std::vector<std::weak_ptr<prometheus::Collectable>> sources_;
};

/// One value read at a scrape, for a Collectable.
prometheus::MetricFamily counter_family(std::string name, std::string help, double value);
prometheus::MetricFamily gauge_family(std::string name, std::string help, double value);

/// Bucket bounds in seconds for request and call durations: 100 µs to 10 s.
const prometheus::Histogram::BucketBoundaries& duration_buckets();

}  // namespace productd
