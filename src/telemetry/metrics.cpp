// Registers metrics and has all of them written at a scrape. Calls prometheus-cpp and the expositions.
#include "telemetry/metrics.hpp"

#include <algorithm>
#include <stdexcept>

#include "telemetry/metrics/protobuf_exposition.hpp"
#include "telemetry/metrics/text_exposition.hpp"

namespace productd {

void Metrics::add_source(std::weak_ptr<prometheus::Collectable> source) { sources_.push_back(std::move(source)); }

std::string Metrics::shown(MetricsFormat format, HistogramForms forms) const {
    std::string out;
    switch (format) {
        case MetricsFormat::text: write<TextExposition>(forms, out, TextExposition::Dialect::prometheus); break;
        case MetricsFormat::openmetrics: write<TextExposition>(forms, out, TextExposition::Dialect::openmetrics); break;
        case MetricsFormat::protobuf: write<ProtobufExposition>(forms, out, forms); break;
    }
    return out;
}

template <class Exposition, class... With>
void Metrics::write(HistogramForms forms, std::string& out, With... with) const {
    Exposition exposition(out, with...);
    const auto write_all = [&](const std::vector<prometheus::MetricFamily>& families) {
        for (const auto& family : families) exposition.write(family);
    };
    const bool has_all = forms != HistogramForms::native;
    if (has_all) write_all(registry_->Collect());
    if (has_all || Exposition::has_native_histograms) {
        const std::scoped_lock lock(mutex_);
        for (const auto& family : histograms_) exposition.write(family.scraped());
    }
    for (const auto& weak : sources_) {
        const auto source = has_all ? weak.lock() : nullptr;
        if (source) write_all(source->Collect());
    }
    exposition.end();
}

prometheus::Counter& Metrics::counter(const std::string& name, const std::string& help) {
    return prometheus::BuildCounter().Name(name).Help(help).Register(*registry_).Add({});
}

prometheus::Gauge& Metrics::gauge(const std::string& name, const std::string& help) {
    return prometheus::BuildGauge().Name(name).Help(help).Register(*registry_).Add({});
}

HistogramFamily& Metrics::histograms(const std::string& name, const std::string& help,
                                     const std::vector<double>& bounds) {
    const std::scoped_lock lock(mutex_);
    const auto found = std::ranges::find(histograms_, name, &HistogramFamily::name);
    if (found == histograms_.end()) return histograms_.emplace_back(name, help, bounds);
    if (found->bounds() != bounds) throw std::logic_error(name + " is there with other buckets");
    return *found;
}

Histogram& Metrics::histogram(const std::string& name, const std::string& help, const std::vector<double>& bounds) {
    return histograms(name, help, bounds).add({});
}

void Scrape::add(std::string name, std::string help, prometheus::MetricType type, double value) {
    prometheus::ClientMetric metric;
    metric.counter.value = metric.gauge.value = value;  // What is of another type is not written.
    families.push_back({std::move(name), std::move(help), type, {std::move(metric)}});
}

const std::vector<double>& duration_buckets() {
    static const std::vector<double> bounds{0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025,
                                            0.05,   0.1,     0.25,   0.5,   1,      2.5,   5,    10};
    return bounds;
}

}  // namespace productd
