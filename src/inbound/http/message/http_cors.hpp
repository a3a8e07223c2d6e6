// Cross-origin requests of browsers (https://fetch.spec.whatwg.org/#http-cors-protocol).
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "inbound/http/message/http_message.hpp"

namespace productd {

class Cors {
public:
    static constexpr std::string_view exposed_headers = "ETag, Location, Product-State, X-Request-Id, Retry-After";

    /// `origins`: `*`, or exact origins; empty: no origin is allowed.
    explicit Cors(std::vector<std::string> origins);

    /// The value of Access-Control-Allow-Origin for a request from `origin`; empty when it is not allowed.
    std::string_view allowed(std::string_view origin) const;

    /// The answer to a preflight; nothing when `request` is none.
    static std::optional<HttpResponse> preflight(const HttpRequest& request);

private:
    std::vector<std::string> origins_;
    bool any_;
};

}  // namespace productd
