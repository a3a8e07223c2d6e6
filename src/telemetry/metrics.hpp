// The one registry of the process and what a scrape shows of it. Parts make their families on it by name.
#pragma once

#include <deque>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include <prometheus/counter.h>
#include <prometheus/gauge.h>
#include <prometheus/metric_family.h>
#include <prometheus/registry.h>

#include "telemetry/metrics/exposition.hpp"
#include "telemetry/metrics/histogram_family.hpp"

namespace productd {

class Metrics {
public:
    Metrics() : registry_(std::make_shared<prometheus::Registry>()) {}

    prometheus::Registry& registry() { return *registry_; }
    /// Another source of families asked at every scrape, for values that are read rather than counted.
    void add_source(std::weak_ptr<prometheus::Collectable> source);
    /// All of them, as a scrape sees them.
    std::string shown(MetricsFormat format, HistogramForms forms = HistogramForms::all) const;
    /// In Prometheus' text format.
    std::string text() const { return shown(MetricsFormat::text); }

    /// A counter without labels, at 0 from the start.
    prometheus::Counter& counter(const std::string& name, const std::string& help);
    prometheus::Gauge& gauge(const std::string& name, const std::string& help);
    /// The family of this name, with classic buckets up to each of `bounds`. Throws std::logic_error where it is there
    /// with other ones.
    HistogramFamily& histograms(const std::string& name, const std::string& help, const std::vector<double>& bounds);
    /// The one without labels.
    Histogram& histogram(const std::string& name, const std::string& help, const std::vector<double>& bounds);

private:
    template <class Exposition, class... With>
    void write(HistogramForms forms, std::string& out, With... with) const;

    std::shared_ptr<prometheus::Registry> registry_;
    std::vector<std::weak_ptr<prometheus::Collectable>> sources_;
    mutable std::mutex mutex_;
    std::deque<HistogramFamily> histograms_;  ///< Guarded; each stays where it is.
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
const std::vector<double>& duration_buckets();

}  // namespace productd
