// In which form metrics are shown, as who asks for them chooses it.
#pragma once

#include <string_view>

namespace productd {

enum class MetricsFormat {
    text,         ///< Prometheus' text format 0.0.4.
    openmetrics,  ///< OpenMetrics 1.0.0: with exemplars.
    protobuf,     ///< io.prometheus.client.MetricFamily, delimited: with exemplars and native histograms.
};

/// What of histograms is shown. A Prometheus that is to keep both kinds of buckets and cannot take them from one scrape
/// asks for each by a scrape of its own.
enum class HistogramForms {
    all,
    classic,  ///< Without native buckets.
    native,   ///< Histograms alone, without classic buckets; in the formats that have no native ones nothing.
};

/// Of what an `Accept` header says (RFC 9110, 12.5.1) the format with the highest weight, and of such the one that says
/// most; text where it names none of them, as where it is empty.
MetricsFormat accepted_format(std::string_view accept);
std::string_view content_type(MetricsFormat format);

/// Of a query's `histograms=…`; all where it says nothing known.
HistogramForms histogram_forms(std::string_view word);

/// The unit that a name ends with, of those that Prometheus has metrics measured in; empty where it ends with none.
std::string_view unit_of(std::string_view name);

}  // namespace productd
