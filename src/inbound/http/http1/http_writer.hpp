// HttpResponse → bytes for HTTP/1.x.
#pragma once

#include <string>
#include <string_view>

#include "inbound/http/http_exchange.hpp"

namespace productd {

struct HttpFraming {
    bool keep_alive = true;  ///< The connection stays open after this answer.
    bool http_1_0 = false;   ///< The client is of HTTP/1.0: staying open has to be said.
};

/// Appends the answer to `out`. A header whose name or value could break out of its line is repaired, and one that
/// would contradict the framing is left out.
void append_response(std::string& out, HttpExchange& exchange, const HttpCall& call, const HttpResponse& response,
                     HttpFraming framing);

/// A piece of an answer of pieces; it must not be empty, which would be the end.
void append_chunk(std::string& out, std::string_view piece);
void append_last_chunk(std::string& out);

}  // namespace productd
