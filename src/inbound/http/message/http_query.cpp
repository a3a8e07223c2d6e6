// Finds a pair in a query and decodes it.
#include "inbound/http/message/http_query.hpp"

#include <algorithm>
#include <charconv>

namespace productd {

namespace {

std::optional<char> hex_byte(std::string_view digits) {
    unsigned value = 0;
    digits = digits.substr(0, 2);
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value, 16);
    if (digits.size() < 2 || error != std::errc{} || end != digits.data() + 2) return std::nullopt;
    return static_cast<char>(value);
}

std::optional<std::string> decoded(std::string_view text) {
    std::string out;
    out.reserve(text.size());
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] == '%') {
            const auto byte = hex_byte(text.substr(i + 1));
            if (!byte) return std::nullopt;
            out += *byte;
            i += 2;
        } else {
            out += text[i] == '+' ? ' ' : text[i];
        }
    }
    return out;
}

}  // namespace

Result<std::optional<std::string>> query_value(std::string_view query, std::string_view name) {
    while (!query.empty()) {
        const auto pair = query.substr(0, query.find('&'));
        query.remove_prefix(std::min(query.size(), pair.size() + 1));
        const auto equals = pair.find('=');
        if (decoded(pair.substr(0, equals)) != name) continue;
        const auto value = equals == std::string_view::npos ? std::string_view{} : pair.substr(equals + 1);
        auto text = decoded(value);
        if (!text) return fail(invalid("A % in the query is not followed by two hexadecimal digits."));
        return text;
    }
    return std::optional<std::string>{};
}

}  // namespace productd
