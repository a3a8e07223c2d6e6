// REST about products. A handler is transport only: parse, call the use case, answer.
#pragma once

#include "app/catalog/catalog.hpp"
#include "inbound/http/message/http_message.hpp"

namespace productd {

class ProductsApi {
public:
    /// `catalog` must outlive every call.
    explicit ProductsApi(Catalog& catalog) : catalog_(catalog) {}

    // One a route, each a RestApi's handler. `id` is the path's id segment, empty where the route has none.
    Task<HttpResponse> create(const HttpRequest& request, std::string_view id);
    Task<HttpResponse> update(const HttpRequest& request, std::string_view id);
    Task<HttpResponse> remove(const HttpRequest& request, std::string_view id);
    Task<HttpResponse> get_by_id(const HttpRequest& request, std::string_view id);
    Task<HttpResponse> search(const HttpRequest& request, std::string_view id);

private:
    Task<std::optional<Version>> expected_version(const HttpRequest& request, ProductId id);

    Catalog& catalog_;
};

}  // namespace productd
