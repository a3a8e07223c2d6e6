// The REST API: a table of routes, and one short handler each. A handler is transport only: parse, call the use case,
// answer.
#pragma once

#include "app/catalog/catalog.hpp"
#include "app/health/readiness.hpp"
#include "inbound/http/http_message.hpp"
#include "telemetry/metrics.hpp"

namespace productd {

/// The counters of REST that the contract keeps by name.
struct HttpApiMetrics {
    explicit HttpApiMetrics(Metrics& metrics);
    prometheus::Counter& create;
    prometheus::Counter& update;
    prometheus::Counter& remove;
    prometheus::Counter& get_by_id;
    prometheus::Counter& search;
    prometheus::Counter& success;
    prometheus::Counter& error;
};

class HttpApi {
public:
    HttpApi(Catalog& catalog, Readiness& readiness, Metrics& metrics)
        : catalog_(catalog), readiness_(readiness), metrics_(metrics), counters_(metrics) {}

    /// The metrics port has no TLS: products are not served there.
    enum class Listener { api, metrics };
    /// Any method and path: 404 and 405 are answers like others.
    asio::awaitable<HttpResponse> handle(HttpRequest request, Listener listener);

    // One a route; `id` is the path's id segment, empty where the route has none.
    asio::awaitable<HttpResponse> create(const HttpRequest& request, std::string_view id);
    asio::awaitable<HttpResponse> update(const HttpRequest& request, std::string_view id);
    asio::awaitable<HttpResponse> remove(const HttpRequest& request, std::string_view id);
    asio::awaitable<HttpResponse> get(const HttpRequest& request, std::string_view id);
    asio::awaitable<HttpResponse> search(const HttpRequest& request, std::string_view id);
    asio::awaitable<HttpResponse> health(const HttpRequest& request, std::string_view id);
    asio::awaitable<HttpResponse> live(const HttpRequest& request, std::string_view id);
    asio::awaitable<HttpResponse> ready(const HttpRequest& request, std::string_view id);
    asio::awaitable<HttpResponse> metrics(const HttpRequest& request, std::string_view id);

private:
    HttpResponse counted(HttpResponse response);
    Task<std::optional<Version>> expected_version(const HttpRequest& request, ProductId id);

    Catalog& catalog_;
    Readiness& readiness_;
    Metrics& metrics_;
    HttpApiMetrics counters_;
};

}  // namespace productd
