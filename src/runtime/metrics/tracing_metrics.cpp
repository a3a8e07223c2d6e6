// Reads the counters of the tracer and the exporter. Calls ObservedPorts.
#include "runtime/metrics/tracing_metrics.hpp"

#include "telemetry/metrics.hpp"

namespace productd {

std::vector<prometheus::MetricFamily> TracingMetrics::Collect() const {
    const auto exported = ports_.exported();
    if (!exported) return {};
    Scrape scrape;
    const auto ended = ports_.tracer()->counts();
    scrape.counter("productd_tracing_spans_total", "Spans that ended", ended.ended);
    scrape.counter("productd_tracing_spans_dropped_total", "Spans that found the queue full", ended.dropped);
    scrape.counter("productd_tracing_spans_exported_total", "Spans the collector took", exported->sent);
    scrape.counter("productd_tracing_spans_refused_total", "Spans the collector refused for good", exported->refused);
    scrape.counter("productd_tracing_spans_given_up_total", "Spans the collector could not be sent in time",
                   exported->given_up);
    scrape.counter("productd_tracing_export_failures_total",
                   "Requests to the collector that failed, those tried again among them", exported->failures);
    scrape.gauge("productd_tracing_queue_spans", "Spans that wait to be sent", ports_.tracer()->waiting());
    scrape.gauge("productd_tracing_collector_up", "1 unless the last request to the collector failed",
                 exported->is_up ? 1 : 0);
    return std::move(scrape.families);
}

}  // namespace productd
