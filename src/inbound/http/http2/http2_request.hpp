// Header fields of HTTP/2 → HttpRequest, with the limits and checks that requests of HTTP/1.1 have.
#pragma once

#include <string_view>

#include "inbound/http/http2/http2_stream.hpp"
#include "inbound/http/http_settings.hpp"

namespace productd {

/// Takes one field of the header; what is wrong with it becomes the stream's refusal, and nothing more is taken then.
void take_field(Http2Stream& stream, std::string_view name, std::string_view value, const HttpLimits& limits);

/// The header is complete. Whether the client waits for `100 Continue`.
bool finish_header(Http2Stream& stream, const HttpLimits& limits);

/// Takes a piece of the body.
void take_body(Http2Stream& stream, std::string_view piece, const HttpLimits& limits);

}  // namespace productd
