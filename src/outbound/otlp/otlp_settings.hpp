// Where traces go, and how.
#pragma once

#include <chrono>
#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace productd {

struct OtlpSettings {
    std::string endpoint;  ///< Tracing.Endpoint: `host:4317`, or with `http://` (no TLS) or `https://`. Empty: nowhere.
    std::string ca_file;   ///< Whom to trust with `https://`; empty: whom the system trusts.
    std::vector<std::pair<std::string, std::string>> headers;  ///< Sent with each request; secrets may be among them.
    std::chrono::milliseconds timeout{10'000};                 ///< Tracing.Timeout: of one request.
    std::chrono::milliseconds interval{1'000};                 ///< Tracing.Interval: what has ended is sent this often.
    std::chrono::milliseconds retry_max{60'000};               ///< What could not be sent for so long is given up.
    std::size_t batch_spans_max = 512;                         ///< Tracing.BatchMax: in one request.
    /// Attributes of whoever sends: `service.name` and the like.
    std::vector<std::pair<std::string, std::string>> resource;
    std::string scope_version;  ///< Of the program that records.
};

/// What stands for `host:port` in an endpoint, and whether TLS is spoken there.
struct OtlpEndpoint {
    std::string target;
    bool is_tls = false;
};

inline OtlpEndpoint parse_otlp_endpoint(std::string_view text) {
    constexpr std::string_view plain = "http://", tls = "https://";
    OtlpEndpoint endpoint{.target = {}, .is_tls = text.starts_with(tls)};
    text.remove_prefix(endpoint.is_tls ? tls.size() : text.starts_with(plain) ? plain.size() : 0);
    endpoint.target = text.substr(0, text.find('/'));
    if (endpoint.target.rfind(':') == std::string::npos || endpoint.target.ends_with(']')) endpoint.target += ":4317";
    return endpoint;
}

}  // namespace productd
