// Calls nobody.
#include "inbound/http/http_fields.hpp"

#include <algorithm>
#include <array>

namespace productd {

bool is_framing_field(std::string_view name) {
    static constexpr std::array<std::string_view, 6> framing{"content-length", "connection", "transfer-encoding",
                                                             "keep-alive",     "upgrade",    "proxy-connection"};
    return std::ranges::any_of(framing, [name](std::string_view other) {
        return std::ranges::equal(name, other, [](char a, char b) { return ascii_lower(a) == b; });
    });
}

void append_field_text(std::string& out, std::string_view text) {
    const auto start = static_cast<std::ptrdiff_t>(out.size());
    out += text;
    std::replace_if(out.begin() + start, out.end(), [](char c) { return c == '\r' || c == '\n' || c == '\0'; }, ' ');
}

}  // namespace productd
