// The table of routes first, then how a request finds its row and what is done for every row. Calls ProductsApi,
// ChangesApi, OperationsApi and PagesApi.
#include "inbound/rest/rest_api.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>

#include "inbound/http/message/problem.hpp"
#include "inbound/rest/preconditions.hpp"

namespace productd {

namespace {

// What of methods is known here (RFC 9110 9.1): any other is not implemented, wherever it is sent.
constexpr std::array<std::string_view, 7> known_methods{"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"};

/// The requests to an operation, by the name it has on every surface.
prometheus::Counter* counted(Metrics& metrics, const std::string& operation, const std::string& help) {
    return &metrics.counter("http_products_" + operation + "_incoming_requests_total", help);
}

}  // namespace

RestApi::RestApi(Catalog& catalog, ProductFeed& feed_of_changes, const Readiness& readiness, Metrics& metrics,
                 RestSettings settings, Cors cors)
    : routes_{
          {"POST", "/api/v1/products", counted(metrics, "create", "REST requests to create a product"),
           products<&ProductsApi::create>},
          {"GET", "/api/v1/products/search", counted(metrics, "search", "REST searches"),
           products<&ProductsApi::search>},
          {"GET", "/api/v1/products/changes", counted(metrics, "changes", "REST requests for changes"),
           feed<&ChangesApi::changes>},
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
      changes_(feed_of_changes),
      operations_(readiness, metrics),
      pages_(settings.metrics_on_api),
      cors_(std::move(cors)),
      success_(metrics.counter("http_products_success_incoming_messages_total",
                               "REST product requests that succeeded")),
      error_(metrics.counter("http_products_error_incoming_message_total",
                             "REST product requests answered by an error")) {}

asio::awaitable<HttpResponse> RestApi::handle(HttpRequest request, Listener listener) {
    const auto match = find(request, listener);
    if (!match) co_return no_such_route(request, listener);
    const auto& route = *match->route;
    if (route.requests) route.requests->Increment();
    auto answer = co_await route.handler(*this, request, match->id);
    auto response = answer ? std::move(*answer) : problem(answer.error(), request);
    judge_untagged(request, response);
    if (route.requests) (response.status < 400 ? success_ : error_).Increment();
    response.route = route.pattern;
    response.is_probe = route.requests == nullptr;
    co_return response;
}

/// What has no tag can be asked for conditionally all the same (RFC 9110 13.1); what has one was judged by its handler.
void RestApi::judge_untagged(const HttpRequest& request, HttpResponse& response) {
    if (response.status != 200 || (request.method != "GET" && request.method != "HEAD")) return;
    if (std::ranges::any_of(response.headers, [](const auto& header) { return header.first == "ETag"; })) return;
    switch (precondition(request, std::nullopt)) {
        case Precondition::holds: return;
        case Precondition::is_known:
            response.status = 304;
            response.body.clear();
            response.content_type = {};
            return;
        case Precondition::fails:
            response = problem({Errc::aborted, "What is under this path has no ETag."}, request);
            return;
    }
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

std::string RestApi::allowed_methods(std::string_view path, Listener listener) const {
    std::vector<std::string_view> methods;
    const auto add = [&methods](std::string_view method) {
        if (std::ranges::find(methods, method) == methods.end()) methods.push_back(method);
    };
    const auto here = listener == Listener::metrics ? Ports::metrics : Ports::tls;
    for (const auto& route : routes_) {
        const bool is_here = route.ports == Ports::all || route.ports == here;
        if (path == "*" ? !is_here : !match(route, path, listener)) continue;
        add(route.method);
        if (route.method == "GET") add("HEAD");
    }
    if (!methods.empty()) add("OPTIONS");
    return fmt::format("{}", fmt::join(methods, ", "));
}

HttpResponse RestApi::no_such_route(const HttpRequest& request, Listener listener) const {
    if (std::ranges::find(known_methods, std::string_view(request.method)) == known_methods.end()) {
        return problem(501, "Not implemented", "The service knows no such method.", request.path(), request.request_id);
    }
    auto allowed = allowed_methods(request.path(), listener);
    if (allowed.empty()) {
        return problem(404, "Not found", "There is nothing under this path.", request.path(), request.request_id);
    }
    auto response = request.method == "OPTIONS" ? HttpResponse{.status = 204}
                                                : problem(405, "Method not allowed", "This path knows " + allowed + ".",
                                                          request.path(), request.request_id);
    if (listener == Listener::api) cors_.offer(request, allowed, response);
    response.headers.emplace_back("Allow", std::move(allowed));
    return response;
}

}  // namespace productd
