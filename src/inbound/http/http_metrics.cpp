// Registers the families and finds their series. Calls prometheus-cpp.
#include "inbound/http/http_metrics.hpp"

#include <algorithm>
#include <array>

namespace productd {

namespace {

constexpr std::size_t series_max = 512;

/// Static text: the series' keys refer to it.
std::string_view method_label(std::string_view method) {
    static constexpr std::array known{std::string_view("GET"),    std::string_view("HEAD"),  std::string_view("POST"),
                                      std::string_view("PUT"),    std::string_view("PATCH"), std::string_view("DELETE"),
                                      std::string_view("OPTIONS")};
    const auto found = std::ranges::find(known, method);
    return found == known.end() ? std::string_view("other") : *found;
}

prometheus::Family<prometheus::Counter>& counters(Metrics& metrics, const std::string& name, const std::string& help) {
    return prometheus::BuildCounter().Name(name).Help(help).Register(metrics.registry());
}

}  // namespace

HttpMetrics::HttpMetrics(Metrics& metrics, const std::string& listener, HttpRequestMetrics requests)
    : listener_(listener),
      counts_requests_(requests == HttpRequestMetrics::counted),
      connections_(prometheus::BuildGauge()
                       .Name("productd_http_connections")
                       .Help("Open connections.")
                       .Register(metrics.registry())
                       .Add({{"listener", listener}})),
      failed_handshakes_(counters(metrics, "productd_http_handshake_failures_total", "TLS handshakes that failed.")
                             .Add({{"listener", listener}})),
      rejected_(counters(metrics, "productd_http_rejected_total", "What the server turned away itself, by reason.")),
      timeouts_(counters(metrics, "productd_http_timeouts_total", "Connections and requests out of time, by phase.")),
      total_(metrics.counter("http_microservice_total_requests", "The total number of incoming HTTP requests.")),
      requests_(counters(metrics, "productd_http_requests_total", "Requests answered.")),
      durations_(metrics.histograms("productd_http_request_duration_seconds",
                                    "From the whole request to its answer, without sending it.", duration_buckets())) {}

void HttpMetrics::rejected(std::string_view reason) {
    rejected_.Add({{"listener", listener_}, {"reason", std::string(reason)}}).Increment();
}

void HttpMetrics::timed_out(HttpPhase phase) {
    timeouts_.Add({{"listener", listener_}, {"phase", name(phase)}}).Increment();
}

void HttpRequestCounts::count(std::string_view method, std::string_view route, unsigned status, double seconds,
                              const SpanContext& span) {
    if (!metrics_.counts_requests_) return;
    const auto label = method_label(method);
    const Key key{label, route, status};
    auto found = series_.find(key);
    if (found == series_.end()) {
        if (series_.size() >= series_max) route = {};
        const Key bounded{label, route, status};
        found = series_.try_emplace(bounded, make(label, route, status)).first;
    }
    metrics_.total_.Increment();
    found->second.requests->Increment();
    found->second.duration->observe(seconds, span);
}

HttpRequestCounts::Series HttpRequestCounts::make(std::string_view method, std::string_view route, unsigned status) {
    const std::string known_route(route.empty() ? std::string_view("other") : route);
    return {&metrics_.requests_.Add(
                {{"method", std::string(method)}, {"route", known_route}, {"status", std::to_string(status)}}),
            &metrics_.durations_.add({{"method", std::string(method)}, {"route", known_route}})};
}

}  // namespace productd
