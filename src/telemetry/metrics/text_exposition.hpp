// Metrics as text, for Prometheus and by OpenMetrics
// (https://github.com/prometheus/OpenMetrics/blob/v1.0.0/specification/OpenMetrics.md).
#pragma once

#include <prometheus/metric_family.h>

#include <cstdint>
#include <string>
#include <string_view>

#include "telemetry/metrics/exemplar.hpp"
#include "telemetry/metrics/histogram_family.hpp"

namespace productd {

/// Writes a scrape, a family at a time. Each name may come once.
class TextExposition {
public:
    static constexpr bool has_native_histograms = false;
    enum class Dialect { prometheus, openmetrics };
    /// Behind what `out` has.
    TextExposition(std::string& out, Dialect dialect) : out_(out), is_openmetrics_(dialect == Dialect::openmetrics) {}

    /// Counters and gauges. In OpenMetrics a counter's samples end with `_total` and its family has the name before
    /// that; one without is of type `unknown`, so that it keeps its name.
    void write(const prometheus::MetricFamily& family);
    /// Classic buckets alone. Exemplars stand behind their buckets in OpenMetrics.
    void write(const ScrapedHistograms& family);
    /// Nothing may come after it.
    void end();

private:
    void head(std::string_view name, std::string_view type, std::string_view help);
    template <class Labels>
    void sample(std::string_view name, std::string_view suffix, const Labels& labels, std::string_view le = {});
    void label(std::string_view name, std::string_view value, bool is_first);
    void value(double number);
    void buckets(const ScrapedHistograms& family, const prometheus::Labels& labels, const HistogramCounts& counts);
    void exemplar(const Exemplar& exemplar);
    void escaped(std::string_view text, std::string_view special);

    std::string& out_;
    const bool is_openmetrics_;
};

}  // namespace productd
