// REST about products. A handler is transport only: parse, call the use case, answer.
#pragma once

#include "app/catalog/catalog.hpp"
#include "inbound/http/message/http_message.hpp"
#include "inbound/rest/accepted_writes.hpp"

namespace productd {

class ProductsApi {
public:
    /// Both must outlive every call.
    ProductsApi(Catalog& catalog, Metrics& metrics) : catalog_(catalog), accepted_(metrics) {}

    // One a route, each a RestApi's handler. `id` is the path's id segment, empty where the route has none.
    Task<HttpResponse> create(const HttpRequest& request, std::string_view id);
    Task<HttpResponse> update(const HttpRequest& request, std::string_view id);
    Task<HttpResponse> remove(const HttpRequest& request, std::string_view id);
    Task<HttpResponse> get_by_id(const HttpRequest& request, std::string_view id);
    Task<HttpResponse> search(const HttpRequest& request, std::string_view id);

private:
    Task<std::optional<Version>> expected_version(const HttpRequest& request, ProductId id);
    HttpResponse answer(unsigned status, const Written& written, const HttpRequest& request);

    Catalog& catalog_;
    AcceptedWrites accepted_;
};

}  // namespace productd
