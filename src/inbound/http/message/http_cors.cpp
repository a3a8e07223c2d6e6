// What browsers ask for before they let a page of another origin call us. Calls nobody.
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

bool Cors::is_preflight(const HttpRequest& request) {
    return request.method == "OPTIONS" && request.header("origin") && request.header("access-control-request-method");
}

void Cors::offer(const HttpRequest& request, std::string_view methods, HttpResponse& response) const {
    if (!is_preflight(request) || allowed(*request.header("origin")).empty()) return;
    response.headers.emplace_back("Access-Control-Allow-Methods", methods);
    response.headers.emplace_back("Access-Control-Allow-Headers", read_headers);
    response.headers.emplace_back("Access-Control-Max-Age", "600");
}

}  // namespace productd
