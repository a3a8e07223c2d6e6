// An answer's header as nghttp2 takes it: names in lower case, nothing that frames.
#pragma once

#include <nghttp2/nghttp2.h>

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "inbound/http/http_exchange.hpp"

namespace productd {

class Http2Fields {
public:
    /// `:status` and the headers that every answer has, then those of this one.
    Http2Fields(HttpExchange& exchange, const HttpCall& call, const HttpResponse& response);

    /// Valid as long as this object.
    std::span<const nghttp2_nv> list() const { return list_; }

private:
    void add(std::string_view name, std::string_view value);

    std::string text_;  ///< What the list refers to.
    std::vector<nghttp2_nv> list_;
};

}  // namespace productd
