// HttpResponse → bytes for HTTP/1.x.
#pragma once

#include <string>

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

}  // namespace productd
