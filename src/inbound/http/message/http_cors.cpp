// The answers browsers ask for before they let a page of another origin call us. Calls nobody.
#include "inbound/http/message/http_cors.hpp"

#include <algorithm>

namespace productd {

Cors::Cors(std::vector<std::string> origins)
    : origins_(std::move(origins)), any_(std::ranges::find(origins_, "*") != origins_.end()) {}

std::string_view Cors::allowed(std::string_view origin) const {
    if (origin.empty()) return {};
    if (any_) return "*";
    const auto found = std::ranges::find(origins_, origin);
    return found == origins_.end() ? std::string_view{} : std::string_view(*found);
}

std::optional<HttpResponse> Cors::preflight(const HttpRequest& request) {
    if (request.method != "OPTIONS" || !request.header("origin") || !request.header("access-control-request-method")) {
        return std::nullopt;
    }
    HttpResponse response;
    response.status = 204;
    response.headers = {{"Access-Control-Allow-Methods", "GET, HEAD, POST, PUT, DELETE"},
                        {"Access-Control-Allow-Headers",
                         "Cache-Control, Content-Type, Idempotency-Key, If-Match, If-None-Match, X-Request-Id, "
                         "traceparent, tracestate, baggage"},
                        {"Access-Control-Max-Age", "600"}};
    return response;
}

}  // namespace productd
