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

/// What a Collectable shows: values that are read at a scrape rather than counted.
struct Scrape {
    template <class Number>
    void counter(std::string name, std::string help, Number value) {
        add(std::move(name), std::move(help), prometheus::MetricType::Counter, static_cast<double>(value));
    }
    template <class Number>
    void gauge(std::string name, std::string help, Number value) {
        add(std::move(name), std::move(help), prometheus::MetricType::Gauge, static_cast<double>(value));
    }
    void add(std::string name, std::string help, prometheus::MetricType type, double value);

    std::vector<prometheus::MetricFamily> families;
};

/// Bucket bounds in seconds for request and call durations: 100 µs to 10 s.
const prometheus::Histogram::BucketBoundaries& duration_buckets();

}  // namespace productd
