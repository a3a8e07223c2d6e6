// Checks and counts UTF-8. Calls nobody.
#include "domain/utf8.hpp"

#include <cstdint>

namespace productd {

namespace {

struct Lead {
    std::size_t continuation_bytes;
    std::uint32_t bits;
    std::uint32_t smallest;  ///< Below this the form is overlong.
};

std::optional<Lead> lead(std::uint8_t byte) {
    if (byte >= 0xC2 && byte <= 0xDF) return Lead{1, byte & 0x1Fu, 0x80};
    if (byte >= 0xE0 && byte <= 0xEF) return Lead{2, byte & 0x0Fu, 0x800};
    if (byte >= 0xF0 && byte <= 0xF4) return Lead{3, byte & 0x07u, 0x10000};
    return std::nullopt;
}

constexpr bool is_surrogate(std::uint32_t point) { return point >= 0xD800 && point <= 0xDFFF; }

}  // namespace

std::optional<std::size_t> code_points(std::string_view text) {
    std::size_t count = 0;
    for (std::size_t i = 0; i < text.size(); ++count) {
        const auto byte = static_cast<std::uint8_t>(text[i++]);
        if (byte < 0x80) continue;
        const auto first = lead(byte);
        if (!first || text.size() - i < first->continuation_bytes) return std::nullopt;
        auto point = first->bits;
        for (std::size_t n = 0; n < first->continuation_bytes; ++n) {
            const auto next = static_cast<std::uint8_t>(text[i++]);
            if ((next & 0xC0) != 0x80) return std::nullopt;
            point = (point << 6) | (next & 0x3Fu);
        }
        if (point < first->smallest || point > 0x10FFFF || is_surrogate(point)) return std::nullopt;
    }
    return count;
}

}  // namespace productd
