// What an HTTP server can be told. Every bound and time is here, with its unit in the name or the type.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "telemetry/access_sample.hpp"

namespace productd {

class ByteBudget;
class TlsContext;
class Tracer;

struct HttpLimits {
    std::size_t header_bytes_max = 1024 * 1024;    ///< Request line and headers; 431 above.
    std::size_t headers_max = 1'000;               ///< Header lines of a request; 431 above.
    std::size_t body_bytes_max = 2 * 1024 * 1024;  ///< 413 above.
    std::size_t connections_max = 4'096;           ///< Above it the longest idle one is closed, or new ones wait.
    std::size_t connections_per_address_max = 0;   ///< Once seven of eight are taken; closed above. 0: no bound.
    std::size_t streams_max = 100;                 ///< Requests of an HTTP/2 connection at a time.
    std::size_t requests_in_flight_max = 4'096;    ///< Requests with the handler; 503 above.
};

struct HttpTimeouts {
    std::chrono::milliseconds handshake{10'000};  ///< From accepting to the end of the TLS handshake.
    std::chrono::milliseconds header{10'000};     ///< From the first byte of a request to the end of its headers; 408.
    std::chrono::milliseconds body{30'000};       ///< From there to the end of its body; 408.
    std::chrono::milliseconds idle{60'000};       ///< Between requests of a connection.
    std::chrono::milliseconds write{30'000};      ///< In which a slow reader takes its answer, or 64 KiB of it.
    std::chrono::milliseconds request{5'000};     ///< For the handler; 504.
    std::chrono::milliseconds linger{1'000};      ///< For a refused client to read why, before it is cut off.
    std::chrono::milliseconds sweep{250};         ///< How often the above are looked at: how late they may strike.
};

enum class AccessLog {
    all,
    failures,  ///< Answers of 400 and above.
    off,
};

constexpr std::string_view name(AccessLog requests) {
    switch (requests) {
        case AccessLog::all: return "all";
        case AccessLog::failures: return "failures";
        case AccessLog::off: return "off";
    }
    std::unreachable();
}

/// Where requests are counted: only those of the API are requests to the microservice.
enum class HttpRequestMetrics { counted, off };

struct HttpExchangeSettings {
    std::vector<std::string> cors_origins;  ///< `*` or origins such as `https://shop.example`; empty: none.
    std::size_t gzip_bytes_min = 1024;      ///< Smaller bodies go as they are.
    int gzip_level = 4;                     ///< 1 (fast) to 9 (small); 0 never compresses.
    AccessLog access_log = AccessLog::all;
    AccessSample access_sample;
    HttpRequestMetrics request_metrics = HttpRequestMetrics::counted;
};

struct HttpServerSettings {
    std::string name = "api";  ///< The listener, in metrics and log lines: `api`, `metrics`, `admin`.
    std::string host = "127.0.0.1";
    std::uint16_t port = 0;             ///< 0: a free one.
    std::filesystem::path unix_socket;  ///< Not empty: listen here, for the owner only, instead of on host and port.
    std::string host_setting = "Http.Address";    ///< What the user changes when the host cannot be had.
    std::string address_setting = "--http-port";  ///< The same of the port, or of the socket.
    bool http2 = true;                            ///< Where clients ask for it: `tls` has to offer it, too.
    std::shared_ptr<TlsContext> tls;              ///< Null: no TLS.
    /// What requests under way may occupy, shared with whoever else counts in it; 503 above. Null: no bound.
    std::shared_ptr<ByteBudget> requests_bytes;
    /// The same of answers to GET that are not read yet.
    std::shared_ptr<ByteBudget> answers_bytes;
    std::shared_ptr<Tracer> tracer;  ///< Null: nothing is traced.
    HttpLimits limits;
    HttpTimeouts timeouts;
    HttpExchangeSettings exchange;
};

}  // namespace productd
