// Routing and the handlers of products; health and metrics are in http_operations.cpp. Calls the catalog.
#include "inbound/rest/http_api.hpp"

#include <algorithm>
#include <array>

#include "async/async.hpp"
#include "codec/product_json.hpp"
#include "codec/trace_context.hpp"
#include "inbound/http/problem.hpp"
#include "inbound/rest/entity_tag.hpp"
#include "inbound/rest/product_answers.hpp"
#include "inbound/rest/product_requests.hpp"

namespace productd {

namespace {

using Handler = asio::awaitable<HttpResponse> (HttpApi::*)(const HttpRequest&, std::string_view id);

struct Route {
    std::string_view method;
    std::string_view pattern;  ///< `{id}` stands for one segment that is not empty.
    Handler handler;
    bool without_tls = false;  ///< Also on the metrics port.
};

constexpr std::array routes{
    Route{"POST", "/api/v1/products", &HttpApi::create},
    Route{"GET", "/api/v1/products/search", &HttpApi::search},
    Route{"GET", "/api/v1/products/{id}", &HttpApi::get},
    Route{"PUT", "/api/v1/products/{id}", &HttpApi::update},
    Route{"DELETE", "/api/v1/products/{id}", &HttpApi::remove},
    Route{"GET", "/health", &HttpApi::health, true},
    Route{"GET", "/livez", &HttpApi::live, true},
    Route{"GET", "/readyz", &HttpApi::ready, true},
    Route{"GET", "/metrics", &HttpApi::metrics, true},
};

/// The id segment when `path` fits `pattern`; empty for a pattern without one.
std::optional<std::string_view> match(std::string_view pattern, std::string_view path) {
    const auto brace = pattern.find('{');
    if (brace == std::string_view::npos) return pattern == path ? std::optional(std::string_view{}) : std::nullopt;
    if (!path.starts_with(pattern.substr(0, brace))) return std::nullopt;
    const auto id = path.substr(brace);
    if (id.empty() || id.find('/') != std::string_view::npos) return std::nullopt;
    return id;
}

std::string_view lookup_method(const HttpRequest& request) {
    return request.method == "HEAD" ? std::string_view("GET") : std::string_view(request.method);
}

/// The routes of one path.
struct Matches {
    std::array<const Route*, routes.size()> found{};
    std::size_t count = 0;
    std::string_view id;
};

Matches match_all(std::string_view path, HttpApi::Listener listener) {
    Matches matches;
    // A fixed path hides the pattern that would fit it too: `search` is no id.
    const bool is_fixed = std::ranges::any_of(routes, [&](const Route& route) { return route.pattern == path; });
    for (const auto& route : routes) {
        if (listener == HttpApi::Listener::metrics && !route.without_tls) continue;
        const auto id = is_fixed && route.pattern != path ? std::nullopt : match(route.pattern, path);
        if (!id) continue;
        matches.id = *id;
        matches.found[matches.count++] = &route;
    }
    return matches;
}

HttpResponse no_such_path(const HttpRequest& request) {
    return problem(404, "Not found", "There is nothing under this path.", request.path(), request.request_id);
}

HttpResponse no_such_method(const HttpRequest& request, const Matches& matches) {
    std::string allowed;
    for (std::size_t i = 0; i < matches.count; ++i) {
        if (i > 0) allowed += ", ";
        allowed += matches.found[i]->method == "GET" ? "GET, HEAD" : matches.found[i]->method;
    }
    auto response =
        problem(405, "Method not allowed", "This path knows " + allowed + ".", request.path(), request.request_id);
    response.headers.emplace_back("Allow", std::move(allowed));
    return response;
}

HttpResponse not_json(const HttpRequest& request) {
    return problem(415, "Unsupported media type", "The body must be sent as Content-Type: application/json.",
                   request.path(), request.request_id);
}

RequestContext context(const HttpRequest& request) {
    return {request.deadline, traceparent_or_empty(request.header("traceparent").value_or(""))};
}

bool is_unchanged(const HttpRequest& request, const Product& product) {
    const auto header = request.header("if-none-match");
    if (!header) return false;
    const auto tags = parse_tags(*header, WeakTags::match);
    return tags.any || std::ranges::find(tags.versions, product.version) != tags.versions.end();
}

bool wants_fresh(const HttpRequest& request) {
    const auto header = request.header("cache-control");
    return header && header->find("no-cache") != std::string_view::npos;
}

}  // namespace

HttpResponse HttpApi::counted(HttpResponse response) {
    (response.status < 400 ? counters_.success : counters_.error).Increment();
    return response;
}

asio::awaitable<HttpResponse> HttpApi::handle(HttpRequest request, Listener listener) {
    const auto matches = match_all(request.path(), listener);
    if (matches.count == 0) co_return no_such_path(request);
    const auto method = lookup_method(request);
    for (std::size_t i = 0; i < matches.count; ++i) {
        const auto& route = *matches.found[i];
        if (route.method != method) continue;
        auto response = co_await (this->*route.handler)(request, matches.id);
        response.route = route.pattern;
        co_return response;
    }
    co_return no_such_method(request, matches);
}

asio::awaitable<HttpResponse> HttpApi::create(const HttpRequest& request, std::string_view) {
    counters_.create.Increment();
    if (!is_json(request)) co_return counted(not_json(request));
    auto key = idempotency_key(request);
    if (!key) co_return counted(problem(key.error(), request));
    auto product = read_product(request.body, ProductIdMember::ignored);
    if (!product) co_return counted(problem(product.error(), request));

    auto created = co_await catalog_.create(std::move(product->draft), std::move(*key), context(request));
    if (!created) {
        auto response = problem(created.error().error, request);
        const bool may_exist = response.status == 503 || response.status == 504;
        if (may_exist && created.error().id) response.headers.emplace_back("Location", location(*created.error().id));
        co_return counted(std::move(response));
    }
    auto response = written_response(201, *created);
    response.headers.emplace_back("Location", location(created->product->id));
    co_return counted(std::move(response));
}

asio::awaitable<HttpResponse> HttpApi::update(const HttpRequest& request, std::string_view id_text) {
    counters_.update.Increment();
    auto id = parse_id(id_text);
    if (!id) co_return counted(problem(id.error(), request));
    if (!is_json(request)) co_return counted(not_json(request));
    auto product = read_product(request.body, ProductIdMember::ignored);
    if (!product) co_return counted(problem(product.error(), request));
    auto expected = co_await expected_version(request, *id);
    if (!expected) co_return counted(problem(expected.error(), request));

    auto written = co_await catalog_.update(*id, std::move(product->draft), *expected, context(request));
    if (!written) co_return counted(problem(written.error(), request));
    co_return counted(written_response(200, *written));
}

asio::awaitable<HttpResponse> HttpApi::remove(const HttpRequest& request, std::string_view id_text) {
    counters_.remove.Increment();
    auto id = parse_id(id_text);
    if (!id) co_return counted(problem(id.error(), request));
    auto expected = co_await expected_version(request, *id);
    if (!expected) co_return counted(problem(expected.error(), request));

    auto written = co_await catalog_.remove(*id, *expected, context(request));
    if (!written) co_return counted(problem(written.error(), request));
    co_return counted(written_response(204, *written));
}

/// The version If-Match names. `*` means the stored one, and of several the stored one if it is among them.
Task<std::optional<Version>> HttpApi::expected_version(const HttpRequest& request, ProductId id) {
    const auto header = request.header("if-match");
    if (!header) co_return std::optional<Version>{};
    const auto tags = parse_tags(*header, WeakTags::never_match);
    if (tags.versions.size() == 1) co_return std::optional(tags.versions.front());

    auto stored = co_await within(request.deadline, catalog_.get(id, Freshness::stored));
    if (!stored) co_return fail(std::move(stored.error()));
    const auto version = (*stored)->version;
    const bool is_listed = std::ranges::find(tags.versions, version) != tags.versions.end();
    if (tags.any || is_listed) co_return std::optional(version);
    co_return fail(Errc::aborted, "The product is at version " + std::to_string(version.value) + ".");
}

asio::awaitable<HttpResponse> HttpApi::get(const HttpRequest& request, std::string_view id_text) {
    counters_.get_by_id.Increment();
    auto id = parse_id(id_text);
    if (!id) co_return counted(problem(id.error(), request));
    const auto freshness = wants_fresh(request) ? Freshness::stored : Freshness::cached;
    std::optional<Result<ProductPtr>> product;
    if (freshness == Freshness::cached) product = catalog_.peek(*id);
    if (!product) product = co_await within(request.deadline, catalog_.get(*id, freshness));
    if (!*product) co_return counted(problem(product->error(), request));

    const auto& found = ***product;
    if (!is_unchanged(request, found)) co_return counted(product_response(200, found, VersionMember::written));
    HttpResponse response{.status = 304};
    response.headers.emplace_back("ETag", entity_tag(found.version));
    co_return counted(std::move(response));
}

asio::awaitable<HttpResponse> HttpApi::search(const HttpRequest& request, std::string_view) {
    counters_.search.Increment();
    auto query = search_query(request);
    if (!query) co_return counted(problem(query.error(), request));
    auto page = co_await within(request.deadline, catalog_.search(*query));
    if (!page) co_return counted(problem(page.error(), request));
    co_return counted(search_response(*query, *page));
}

}  // namespace productd
