// JSON by hand for the few shapes the service writes. Calls time_text.
#include "codec/json/json_text.hpp"

#include <array>
#include <charconv>
#include <cmath>

#include "codec/time_text.hpp"

namespace productd::json {

namespace {

constexpr bool needs_escape(char c) { return static_cast<unsigned char>(c) < 0x20 || c == '"' || c == '\\'; }

void append_escaped(std::string& out, char c) {
    static constexpr char digits[] = "0123456789abcdef";
    switch (c) {
        case '"': out += "\\\""; return;
        case '\\': out += "\\\\"; return;
        case '\n': out += "\\n"; return;
        case '\r': out += "\\r"; return;
        case '\t': out += "\\t"; return;
        default:
            out += "\\u00";
            out += digits[static_cast<unsigned char>(c) >> 4];
            out += digits[static_cast<unsigned char>(c) & 15];
    }
}

template <class Number>
void append_chars(std::string& out, Number number) {
    std::array<char, 32> buffer;
    const auto end = std::to_chars(buffer.data(), buffer.data() + buffer.size(), number).ptr;
    out.append(buffer.data(), end);
}

}  // namespace

void append_string(std::string& out, std::string_view text) {
    out += '"';
    std::size_t copied = 0;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (!needs_escape(text[i])) continue;
        out.append(text, copied, i - copied);
        append_escaped(out, text[i]);
        copied = i + 1;
    }
    out.append(text, copied);
    out += '"';
}

void append_ascii(std::string& out, std::string_view bytes) {
    std::string ascii;
    ascii.reserve(bytes.size());
    for (const char c : bytes) {
        if (static_cast<unsigned char>(c) < 0x80) {
            ascii += c;
        } else {
            ascii += "\xEF\xBF\xBD";
        }
    }
    append_string(out, ascii);
}

void append_number(std::string& out, double number) {
    if (std::abs(number) < 0x1p63) return append_chars(out, number);
    if (!std::isfinite(number)) return void(out += "null");
    // As digits alone it would look like an integer, and readers refuse integers beyond 64 bits.
    std::array<char, 32> buffer;
    const auto end = std::to_chars(buffer.data(), buffer.data() + buffer.size(), number, std::chars_format::scientific);
    out.append(buffer.data(), end.ptr);
}
void append_number(std::string& out, std::int64_t number) { append_chars(out, number); }

void append_time(std::string& out, Timestamp time) {
    out += '"';
    append_time_text(out, time);
    out += '"';
}

}  // namespace productd::json
