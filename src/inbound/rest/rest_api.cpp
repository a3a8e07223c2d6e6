// The table of routes first, then how a request finds its row and what is done for every row. Calls ProductsApi,
// OperationsApi and PagesApi.
#include "inbound/rest/rest_api.hpp"

#include <algorithm>

#include "inbound/http/message/problem.hpp"

namespace productd {

namespace {

/// The requests to an operation, by the name it has on every surface.
prometheus::Counter* counted(Metrics& metrics, const std::string& operation, const std::string& help) {
    return &metrics.counter("http_products_" + operation + "_incoming_requests_total", help);
}

}  // namespace

RestApi::RestApi(Catalog& catalog, const Readiness& readiness, Metrics& metrics, RestSettings settings)
    : routes_{
          {"POST", "/api/v1/products", counted(metrics, "create", "REST requests to create a product"),
           products<&ProductsApi::create>},
          {"GET", "/api/v1/products/search", counted(metrics, "search", "REST searches"),
           products<&ProductsApi::search>},
          {"GET", "/api/v1/products/{id}", counted(metrics, "get_by_id", "REST requests for one product"),
           products<&ProductsApi::get_by_id>},
          {"PUT", "/api/v1/products/{id}", counted(metrics, "update", "REST requests to update a product"),
           products<&ProductsApi::update>},
          {"DELETE", "/api/v1/products/{id}", counted(metrics, "delete", "REST requests to delete a product"),
           products<&ProductsApi::remove>},
          {"GET", "/health", nullptr, operations<&OperationsApi::health>, Ports::all},
          {"GET", "/livez", nullptr, operations<&OperationsApi::live>, Ports::all},
          {"GET", "/readyz", nullptr, operations<&OperationsApi::ready>, Ports::tls},
          {"GET", "/readyz", nullptr, operations<&OperationsApi::ready_with_causes>, Ports::metrics},
          {"GET", "/metrics", nullptr, operations<&OperationsApi::metrics>,
           settings.metrics_on_api ? Ports::all : Ports::metrics},
          {"GET", "/", nullptr, pages<&PagesApi::front>},
          {"GET", "/favicon.svg", nullptr, pages<&PagesApi::page>},
          {"GET", "/favicon.ico", nullptr, pages<&PagesApi::to_favicon>},
          {"GET", "/swagger", nullptr, pages<&PagesApi::to_swagger>},
          {"GET", "/swagger/", nullptr, pages<&PagesApi::to_swagger>},
          {"GET", "/swagger/index.html", nullptr, pages<&PagesApi::page>},
          {"GET", "/swagger/openapi.yaml", nullptr, pages<&PagesApi::page>},
          {"GET", "/swagger/openapi.json", nullptr, pages<&PagesApi::page>},
          {"GET", "/swagger/{file}", nullptr, pages<&PagesApi::page>},
      },
      products_(catalog, metrics),
      operations_(readiness, metrics),
      pages_(settings.metrics_on_api),
      success_(metrics.counter("http_products_success_incoming_messages_total",
                               "REST product requests that succeeded")),
      error_(metrics.counter("http_products_error_incoming_message_total",
                             "REST product requests answered by an error")) {}

asio::awaitable<HttpResponse> RestApi::handle(HttpRequest request, Listener listener) {
    const auto match = find(request, listener);
    if (!match) co_return without_row(request, listener);
    const auto& route = *match->route;
    if (route.requests) route.requests->Increment();
    auto answer = co_await route.handler(*this, request, match->id);
    auto response = answer ? std::move(*answer) : problem(answer.error(), request);
    if (route.requests) (response.status < 400 ? success_ : error_).Increment();
    response.route = route.pattern;
    response.is_probe = route.requests == nullptr;
    co_return response;
}

std::optional<RestApi::Match> RestApi::find(const HttpRequest& request, Listener listener) const {
    const auto method = request.method == "HEAD" ? std::string_view("GET") : std::string_view(request.method);
    const auto path = request.path();
    for (const auto& route : routes_) {
        if (route.method != method) continue;
        if (const auto id = match(route, path, listener)) return Match{&route, *id};
    }
    return std::nullopt;
}

std::optional<std::string_view> RestApi::match(const Route& route, std::string_view path, Listener listener) const {
    const auto here = listener == Listener::metrics ? Ports::metrics : Ports::tls;
    if (route.ports != Ports::all && route.ports != here) return std::nullopt;
    if (route.pattern == path) return std::string_view{};
    const auto brace = route.pattern.find('{');
    if (brace == std::string_view::npos || !path.starts_with(route.pattern.substr(0, brace))) return std::nullopt;
    const auto id = path.substr(brace);
    if (id.empty() || id.find('/') != std::string_view::npos) return std::nullopt;
    // A fixed path hides the pattern that would fit it too: `search` is no id.
    const bool is_fixed = std::ranges::any_of(routes_, [&](const Route& other) { return other.pattern == path; });
    return is_fixed ? std::nullopt : std::optional(id);
}

RestApi::Served RestApi::served(std::string_view path, Listener listener) const {
    Served found;
    if (path == "*") found.methods = "GET, HEAD, POST, PUT, DELETE, ";  // Of the service as a whole.
    for (const auto& route : routes_) {
        if (!match(route, path, listener)) continue;
        found.route = &route;
        found.methods += route.method == "GET" ? "GET, HEAD" : route.method;
        found.methods += ", ";
    }
    if (!found.methods.empty()) found.methods += "OPTIONS";
    return found;
}

HttpResponse RestApi::without_row(const HttpRequest& request, Listener listener) const {
    auto [methods, route] = served(request.path(), listener);
    if (methods.empty()) {
        return problem(404, "Not found", "There is nothing under this path.", request.path(), request.request_id);
    }
    auto response = request.method == "OPTIONS" ? HttpResponse{.status = 204}
                                                : problem(405, "Method not allowed", "This path knows " + methods + ".",
                                                          request.path(), request.request_id);
    if (route) response.route = route->pattern;
    response.headers.emplace_back("Allow", std::move(methods));
    return response;
}

}  // namespace productd
