// REST for those who run the service: health, readiness, metrics. Calls readiness and the metrics registry.
#include "codec/json_text.hpp"
#include "inbound/rest/http_api.hpp"
#include "inbound/http/http_query.hpp"

namespace productd {

HttpApiMetrics::HttpApiMetrics(Metrics& metrics)
    : create(metrics.counter("http_products_create_incoming_requests_total", "REST requests to create a product")),
      update(metrics.counter("http_products_update_incoming_requests_total", "REST requests to update a product")),
      remove(metrics.counter("http_products_delete_incoming_requests_total", "REST requests to delete a product")),
      get_by_id(metrics.counter("http_products_get_by_id_incoming_requests_total", "REST requests for one product")),
      search(metrics.counter("http_products_search_incoming_requests_total", "REST searches")),
      success(metrics.counter("http_products_success_incoming_messages_total", "REST product requests that succeeded")),
      error(metrics.counter("http_products_error_incoming_message_total",
                            "REST product requests answered by an error")) {}

namespace {

HttpResponse text(unsigned status, std::string body) {
    return {.status = status, .content_type = "text/plain; charset=UTF-8", .body = std::move(body)};
}

std::string report_json(const Readiness::Report& report) {
    std::string out = R"({"ready":)";
    out += report.is_ready ? "true" : "false";
    out += R"(,"checks":[)";
    for (std::size_t i = 0; i < report.checks.size(); ++i) {
        const auto& check = report.checks[i];
        out += i == 0 ? R"({"name":)" : R"(,{"name":)";
        json::append_string(out, check.name);
        out += check.result ? R"(,"ok":true)" : R"(,"ok":false,"detail":)";
        if (!check.result) json::append_ascii(out, check.result.error().detail);
        out += R"(,"milliseconds":)";
        json::append_number(out, static_cast<std::int64_t>(check.took.count()));
        out += '}';
    }
    out += "]}\n";
    return out;
}

}  // namespace

asio::awaitable<HttpResponse> HttpApi::health(const HttpRequest&, std::string_view) { co_return text(200, "Ok"); }

asio::awaitable<HttpResponse> HttpApi::live(const HttpRequest&, std::string_view) { co_return text(200, "ok\n"); }

asio::awaitable<HttpResponse> HttpApi::ready(const HttpRequest& request, std::string_view) {
    auto report = co_await readiness_.check_all();
    const unsigned status = report.is_ready ? 200 : 503;
    const auto verbose = query_value(request.query(), "verbose");
    if (verbose && *verbose) {
        co_return HttpResponse{.status = status, .content_type = "application/json", .body = report_json(report)};
    }
    co_return text(status, report.is_ready ? "ready\n" : "not ready\n");
}

asio::awaitable<HttpResponse> HttpApi::metrics(const HttpRequest&, std::string_view) {
    co_return HttpResponse{
        .status = 200, .content_type = "text/plain; version=0.0.4; charset=utf-8", .body = metrics_.text()};
}

}  // namespace productd
