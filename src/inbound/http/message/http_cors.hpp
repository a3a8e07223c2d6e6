// Cross-origin requests of browsers (https://fetch.spec.whatwg.org/#http-cors-protocol).
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "inbound/http/message/http_message.hpp"

namespace productd {

class Cors {
public:
    static constexpr std::string_view exposed_headers = "ETag, Location, Product-State, X-Request-Id, Retry-After";
    /// What the API reads of a request, beside what a page may always send.
    static constexpr std::string_view read_headers =
        "Cache-Control, Content-Type, Idempotency-Key, If-Match, If-None-Match, X-Request-Id, traceparent, tracestate, "
        "baggage";

    /// `origins`: `*`, or exact origins; empty: no origin is allowed.
    explicit Cors(std::vector<std::string> origins);

    /// The value of Access-Control-Allow-Origin for a request from `origin`; empty when it is not allowed.
    std::string_view allowed(std::string_view origin) const;

    /// Adds to the answer of a path that serves `methods` what a preflight asks for; nothing to that of another
    /// request, nor for an origin that is not allowed.
    void offer(const HttpRequest& request, std::string_view methods, HttpResponse& response) const;

private:
    static bool is_preflight(const HttpRequest& request);

    std::vector<std::string> origins_;
    bool any_;
};

}  // namespace productd
