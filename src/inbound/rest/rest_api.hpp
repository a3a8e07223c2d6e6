// The REST API: a table of routes, and the frame around each handler, which maps errors to problems and counts.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "inbound/http/message/http_cors.hpp"
#include "inbound/http/message/http_message.hpp"
#include "inbound/rest/changes_api.hpp"
#include "inbound/rest/operations_api.hpp"
#include "inbound/rest/pages_api.hpp"
#include "inbound/rest/products_api.hpp"
#include "inbound/rest/rest_settings.hpp"

namespace productd {

class RestApi {
public:
    /// Everything given by reference must outlive every call.
    RestApi(Catalog& catalog, ProductFeed& feed, const Readiness& readiness, Metrics& metrics, RestSettings settings,
            Cors cors);

    /// The metrics port has no TLS: products are not served there.
    enum class Listener { api, metrics };
    /// Any method and path: 404, 405 and 501 are answers like others.
    asio::awaitable<HttpResponse> handle(HttpRequest request, Listener listener);

private:
    /// `id` is the path's id segment, empty where the route has none.
    using Handler = Task<HttpResponse> (*)(RestApi&, const HttpRequest& request, std::string_view id);

    enum class Ports { tls, metrics, all };

    struct Route {
        std::string_view method;
        std::string_view pattern;       ///< `{id}` stands for one segment that is not empty.
        prometheus::Counter* requests;  ///< Null: neither its requests nor what became of them are counted.
        Handler handler;
        Ports ports = Ports::tls;
    };
    struct Match {
        const Route* route;
        std::string_view id;
    };

    // What a row calls: a method of one of the parts.
    template <auto Method>
    static Task<HttpResponse> products(RestApi& api, const HttpRequest& request, std::string_view id) {
        return (api.products_.*Method)(request, id);
    }
    template <auto Method>
    static Task<HttpResponse> feed(RestApi& api, const HttpRequest& request, std::string_view id) {
        return (api.changes_.*Method)(request, id);
    }
    template <auto Method>
    static Task<HttpResponse> operations(RestApi& api, const HttpRequest& request, std::string_view id) {
        return (api.operations_.*Method)(request, id);
    }

    template <auto Method>
    static Task<HttpResponse> pages(RestApi& api, const HttpRequest& request, std::string_view id) {
        return (api.pages_.*Method)(request, id);
    }

    /// The id segment when `path` is one of `route`'s and `listener` serves it.
    std::optional<std::string_view> match(const Route& route, std::string_view path, Listener listener) const;
    std::optional<Match> find(const HttpRequest& request, Listener listener) const;
    /// For Allow; empty when there is nothing. The path `*` is the whole server.
    std::string allowed_methods(std::string_view path, Listener listener) const;
    static void judge_untagged(const HttpRequest& request, HttpResponse& response);
    HttpResponse no_such_route(const HttpRequest& request, Listener listener) const;

    std::vector<Route> routes_;
    ProductsApi products_;
    ChangesApi changes_;
    OperationsApi operations_;
    PagesApi pages_;
    Cors cors_;
    prometheus::Counter& success_;
    prometheus::Counter& error_;
};

}  // namespace productd
