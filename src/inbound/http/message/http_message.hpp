// What passes between the HTTP server, which knows no products, and the API above it.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "inbound/http/message/http_body_source.hpp"
#include "tracing/trace_context.hpp"

namespace productd {

struct HttpRequest {
    std::string method;                                        ///< Upper case: `GET`.
    std::string target;                                        ///< As sent: path and query.
    std::vector<std::pair<std::string, std::string>> headers;  ///< Names in lower case; no two of one name are merged.
    std::string body;
    std::string request_id;   ///< From `X-Request-Id` if it was sane, else made.
    std::string remote;       ///< Address of the client, for the access log.
    TraceHeaders trace = {};  ///< Under which it is answered.
    std::chrono::steady_clock::time_point deadline;

    /// The first header of this lower-case name.
    std::optional<std::string_view> header(std::string_view name) const {
        for (const auto& [key, value] : headers) {
            if (key == name) return value;
        }
        return std::nullopt;
    }
    std::string_view path() const { return std::string_view(target).substr(0, target.find('?')); }
    std::string_view query() const {
        const auto mark = target.find('?');
        return mark == std::string::npos ? std::string_view{} : std::string_view(target).substr(mark + 1);
    }
};

struct HttpResponse {
    unsigned status = 200;
    std::string_view content_type;  ///< Static storage; empty: none is sent.
    std::string body;               ///< For HEAD the server sends its length and not the body.
    std::vector<std::pair<std::string, std::string>> headers;
    std::string_view route;  ///< The route's pattern (static storage), a bounded label for metrics.
    std::string cause = {};  ///< For the log only, never sent: why it failed, and what the operator is to do.
    bool is_probe = false;   ///< Of what asks about the service itself, again and again: no trace is kept.
    /// Not null: what is sent behind the header in place of `body`, as it is made, without a length and never
    /// compressed. The request's deadline ends with the header. It is not asked for HEAD.
    std::shared_ptr<HttpBodySource> source = {};
};

/// Answers one request. It never throws on a request's account; should it, the server answers 500.
using HttpHandler = std::function<boost::asio::awaitable<HttpResponse>(HttpRequest)>;

}  // namespace productd
