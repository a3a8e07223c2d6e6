// Metrics as Prometheus' protocol buffers: io.prometheus.client.MetricFamily
// (https://github.com/prometheus/client_model, 0.6.1), each behind its length.
#pragma once

#include <prometheus/metric_family.h>

#include <string>
#include <string_view>

#include "telemetry/metrics/exposition.hpp"
#include "telemetry/metrics/histogram_family.hpp"

namespace productd {

/// Writes a scrape, a family at a time. Each name may come once.
class ProtobufExposition {
public:
    static constexpr bool has_native_histograms = true;
    /// Behind what `out` has.
    ProtobufExposition(std::string& out, HistogramForms forms) : out_(out), forms_(forms) {}

    /// Counters and gauges.
    void write(const prometheus::MetricFamily& family);
    /// An exemplar for each classic bucket that has one, and the latest of them for the native ones.
    void write(const ScrapedHistograms& family);
    void end() {}

private:
    std::string histogram(const ScrapedHistograms& family, const HistogramCounts& counts) const;

    std::string& out_;
    const HistogramForms forms_;
};

}  // namespace productd
