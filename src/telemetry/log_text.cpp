// Copies what is plain eight bytes at a time, and looks at the rest. Calls the domain's UTF-8.
#include "telemetry/log_text.hpp"

#include <algorithm>
#include <cstdint>
#include <cstring>

#include "domain/utf8.hpp"

namespace productd::log {

namespace {

constexpr std::string_view replacement = "\xEF\xBF\xBD";
constexpr std::string_view ellipsis = "\xE2\x80\xA6";
constexpr std::uint64_t ones = 0x0101010101010101U;
constexpr std::uint64_t tops = 0x8080808080808080U;

constexpr std::uint64_t zeros_in(std::uint64_t bytes) { return (bytes - ones) & ~bytes & tops; }

/// Whether all eight bytes are printable ASCII, and neither quote nor backslash.
constexpr bool are_plain(std::uint64_t bytes) {
    const auto controls = (bytes - ones * 0x20) & ~bytes & tops;
    return ((bytes & tops) | controls | zeros_in(bytes ^ (ones * '"')) | zeros_in(bytes ^ (ones * '\\')) |
            zeros_in(bytes ^ (ones * 0x7F))) == 0;
}

constexpr bool is_plain(unsigned char c) { return c >= 0x20 && c < 0x7F && c != '"' && c != '\\'; }

std::size_t plain_prefix(std::string_view text) {
    std::size_t at = 0;
    for (std::uint64_t bytes = 0; at + sizeof bytes <= text.size(); at += sizeof bytes) {
        std::memcpy(&bytes, text.data() + at, sizeof bytes);
        if (!are_plain(bytes)) break;
    }
    while (at < text.size() && is_plain(static_cast<unsigned char>(text[at]))) ++at;
    return at;
}

/// The bytes of the character that `text` begins with, which is not ASCII; 0 where it is none.
std::size_t character_bytes(std::string_view text) {
    for (std::size_t bytes = 2; bytes <= std::min<std::size_t>(text.size(), 4); ++bytes) {
        if (code_points(text.substr(0, bytes)) == 1) return bytes;
    }
    return 0;
}

void append_escape(std::string& out, unsigned char c) {
    static constexpr char digits[] = "0123456789abcdef";
    if (c == '\n') return void(out += "\\n");
    if (c == '\r') return void(out += "\\r");
    if (c == '\t') return void(out += "\\t");
    out += "\\u00";
    out += digits[c >> 4];
    out += digits[c & 15];
}

/// Appends what `text` begins with, and returns its bytes.
std::size_t append_special(std::string& out, std::string_view text, Within within) {
    const auto first = static_cast<unsigned char>(text[0]);
    if (first == '"' || first == '\\') {
        if (within == Within::json) out += '\\';
        out += text[0];
        return 1;
    }
    if (first < 0x80) {
        append_escape(out, first);
        return 1;
    }
    const auto bytes = character_bytes(text);
    if (bytes == 0) {
        out += replacement;
        return 1;
    }
    if (const auto second = static_cast<unsigned char>(text[1]); first == 0xC2 && second < 0xA0) {
        append_escape(out, second);  // U+0080 to U+009F: some terminals obey them.
    } else {
        out += text.substr(0, bytes);
    }
    return bytes;
}

/// Not in the middle of a character.
std::string_view begin_of(std::string_view text) {
    auto bytes = text_bytes_max;
    for (int i = 0; i < 3 && (static_cast<unsigned char>(text[bytes]) & 0xC0U) == 0x80U; ++i) --bytes;
    return text.substr(0, bytes);
}

}  // namespace

void append_text(std::string& out, std::string_view text, Within within) {
    const bool is_cut = text.size() > text_bytes_max;
    if (is_cut) text = begin_of(text);
    while (true) {
        const auto plain = plain_prefix(text);
        out += text.substr(0, plain);
        text.remove_prefix(plain);
        if (text.empty()) break;
        text.remove_prefix(append_special(out, text, within));
    }
    if (is_cut) out += ellipsis;
}

}  // namespace productd::log
