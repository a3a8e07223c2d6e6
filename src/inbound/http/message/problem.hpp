// Error answers of REST: application/problem+json (RFC 9457).
#pragma once

#include <string_view>

#include "domain/result.hpp"
#include "inbound/http/message/http_message.hpp"

namespace productd {

/// The HTTP status of a code: one exhaustive table.
unsigned http_status(Errc code);

/// A problem without field violations.
HttpResponse problem(unsigned status, std::string_view title, std::string_view detail, std::string_view instance,
                     std::string_view request_id);

/// The problem of a failed use case; violations are listed, Retry-After is set where trying again may help.
HttpResponse problem(const Error& error, const HttpRequest& request);

}  // namespace productd
