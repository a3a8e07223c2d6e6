// An answer the server makes itself, without asking the handler.
#pragma once

#include <string>
#include <string_view>

namespace productd {

struct HttpRefusal {
    unsigned status = 400;
    std::string_view reason;  ///< A metric's label, static: `malformed`, `timeout`, `overload`.
    std::string detail;       ///< A sentence for the client.
};

}  // namespace productd
