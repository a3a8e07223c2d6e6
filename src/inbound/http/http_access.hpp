// The line of the access log about one request.
#pragma once

#include <cstdint>
#include <string_view>

#include "inbound/http/http_settings.hpp"

namespace productd {

struct HttpCall;
struct HttpResponse;

/// What became of a request.
struct HttpOutcome {
    std::uint64_t body_bytes = 0;
    double seconds = 0;       ///< From the whole request to its answer; to the end of one of pieces.
    std::string_view end;     ///< How an answer of pieces ended; empty for others.
    bool is_failure = false;  ///< It has its line whatever the sample.
};

/// Writes it, if the settings want one.
void log_access(const HttpServerSettings& settings, const HttpCall& call, const HttpResponse& response,
                const HttpOutcome& outcome);

/// What of a client's bytes stands in a log line, which makes them harmless.
std::string_view begin_of(std::string_view text);

}  // namespace productd
