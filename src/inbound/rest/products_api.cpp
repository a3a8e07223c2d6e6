// The handlers of products. What they return as an error becomes a problem in RestApi.
#include "inbound/rest/products_api.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "app/ports/late.hpp"
#include "async/async.hpp"
#include "codec/product/product_json.hpp"
#include "inbound/http/message/problem.hpp"
#include "inbound/rest/preconditions.hpp"
#include "inbound/rest/product_answers.hpp"
#include "inbound/rest/product_requests.hpp"
#include "inbound/rest/version_etag.hpp"

namespace productd {

namespace {

/// The answer to a body that cannot be read as it was sent.
std::optional<HttpResponse> unsupported(const HttpRequest& request) {
    const auto refuse = [&request](std::string_view detail) {
        return problem(415, "Unsupported media type", detail, request.path(), request.request_id);
    };
    if (!is_json(request)) return refuse("The body must be sent as Content-Type: application/json.");
    if (is_uncoded(request)) return std::nullopt;
    auto response = refuse("The body must be sent without a Content-Encoding.");
    response.headers.emplace_back("Accept-Encoding", "identity");  // RFC 9110 12.5.3.
    return response;
}

/// A create that failed when the product may exist nevertheless says where to look.
HttpResponse not_created(const CreateFailure& failure, const HttpRequest& request) {
    auto response = problem(failure.error, request);
    const bool may_exist = response.status == 503 || response.status == 504;
    if (may_exist && failure.id) response.headers.emplace_back("Location", location(*failure.id));
    return response;
}

/// With what its event is to carry.
RequestContext context(const HttpRequest& request) {
    RequestContext context{request.deadline, request.trace};
    context.trace.request_id = request.request_id;
    return context;
}

/// Of what only the store can answer, in the time that a request has.
template <class T>
Task<T> read(Deadline deadline, Task<T> task) {
    const auto began = std::chrono::steady_clock::now();
    auto result = co_await within(deadline, std::move(task));
    if (!result) co_return fail(or_late("The store", std::move(result.error()), began, deadline));
    co_return result;
}

bool wants_fresh(const HttpRequest& request) {
    constexpr std::string_view wanted = "no-cache";
    const auto same = [](char a, char b) { return (a >= 'A' && a <= 'Z' ? a + 32 : a) == b; };
    for (const auto& [name, value] : request.headers) {
        if (name == "cache-control" && !std::ranges::search(value, wanted, same).empty()) return true;
    }
    return false;
}

Error aborted(Version stored) {
    return {Errc::aborted, fmt::format("The product is at version {0}: its ETag is {1}, quoted and strong.",
                                       stored.value, version_etag(stored))};
}

}  // namespace

Task<HttpResponse> ProductsApi::create(const HttpRequest& request, std::string_view) {
    if (auto refusal = unsupported(request)) co_return std::move(*refusal);
    if (request.header("if-match")) {
        co_return fail(Errc::aborted, "If-Match names a version of a product, and a new one has none.");
    }
    auto key = idempotency_key(request);
    if (!key) co_return fail(std::move(key).error());
    auto product = read_product(request.body, ProductIdMember::ignored);
    if (!product) co_return fail(std::move(product).error());

    auto created = co_await catalog_.create(std::move(product->draft), std::move(*key), context(request));
    if (!created) co_return not_created(created.error(), request);
    auto response = answer(201, *created, request);
    response.headers.emplace_back("Location", location(created->product->id));
    co_return response;
}

Task<HttpResponse> ProductsApi::update(const HttpRequest& request, std::string_view id_text) {
    auto id = parse_id(id_text);
    if (!id) co_return fail(std::move(id).error());
    if (auto refusal = unsupported(request)) co_return std::move(*refusal);
    if (request.header("content-range")) {  // RFC 9110 14.5.
        co_return fail(invalid("A part of a product cannot be put: it has to come whole, without Content-Range."));
    }
    auto product = read_product(request.body, ProductIdMember::ignored);
    if (!product) co_return fail(std::move(product).error());
    auto expected = co_await expected_version(request, *id);
    if (!expected) co_return fail(std::move(expected).error());

    auto written = co_await catalog_.update(*id, std::move(product->draft), *expected, context(request));
    if (!written) co_return fail(std::move(written).error());
    co_return answer(200, *written, request);
}

Task<HttpResponse> ProductsApi::remove(const HttpRequest& request, std::string_view id_text) {
    auto id = parse_id(id_text);
    if (!id) co_return fail(std::move(id).error());
    auto expected = co_await expected_version(request, *id);
    if (!expected) co_return fail(std::move(expected).error());

    auto written = co_await catalog_.remove(*id, *expected, context(request));
    if (!written) co_return fail(std::move(written).error());
    co_return answer(204, *written, request);
}

HttpResponse ProductsApi::answer(unsigned status, const Written& written, const HttpRequest& request) {
    if (written.unawaited) accepted_.note(*written.unawaited, request.request_id, trace_id(request.trace.context));
    return written_response(status, written);
}

/// The version a conditional write expects: the one If-Match names, else the stored one, if the conditions hold for it.
Task<std::optional<Version>> ProductsApi::expected_version(const HttpRequest& request, ProductId id) {
    const auto match = list_header(request, "if-match");
    const auto none_match = request.header("if-none-match");
    if (!match && !none_match) co_return std::optional<Version>{};
    const auto tags = parse_tags(match.value_or(""), WeakTags::never_match);
    if (!none_match && tags.versions.size() == 1) co_return std::optional(tags.versions.front());

    auto version = co_await catalog_.stored_version(id, context(request));
    if (!version) co_return fail(std::move(version).error());
    if (precondition(request, *version) == Precondition::holds) co_return std::optional(*version);
    co_return fail(aborted(*version));
}

Task<HttpResponse> ProductsApi::get_by_id(const HttpRequest& request, std::string_view id_text) {
    auto id = parse_id(id_text);
    if (!id) co_return fail(std::move(id).error());
    const auto freshness = wants_fresh(request) ? Freshness::stored : Freshness::cached;
    std::optional<Result<ProductPtr>> product;
    if (freshness == Freshness::cached) product = catalog_.peek(*id);
    if (!product)
        product =
            co_await read(request.deadline, catalog_.get(*id, freshness, {request.deadline, request.trace.context}));
    if (!*product) co_return fail(std::move(*product).error());

    const auto& found = ***product;
    const auto condition = precondition(request, found.version);
    if (condition == Precondition::holds) co_return product_response(200, found, VersionMember::written);
    if (condition == Precondition::fails) co_return fail(aborted(found.version));
    HttpResponse response{.status = 304};
    response.headers.emplace_back("ETag", version_etag(found.version));
    co_return response;
}

Task<HttpResponse> ProductsApi::search(const HttpRequest& request, std::string_view) {
    auto query = search_query(request);
    if (!query) co_return fail(std::move(query).error());
    auto page = co_await read(request.deadline, catalog_.search(*query, {request.deadline, request.trace.context}));
    if (!page) co_return fail(std::move(page).error());
    co_return search_response(*query, *page);
}

}  // namespace productd
