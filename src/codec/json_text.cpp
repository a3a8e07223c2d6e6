// JSON by hand for the few shapes the service writes. Calls nobody.
#include "codec/json_text.hpp"

#include <array>
#include <charconv>
#include <cmath>

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

void append_digits(std::string& out, unsigned value, int width) {
    std::array<char, 8> digits{};
    for (int i = width; i-- > 0; value /= 10) digits[static_cast<std::size_t>(i)] = static_cast<char>('0' + value % 10);
    out.append(digits.data(), static_cast<std::size_t>(width));
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
    using namespace std::chrono;
    const auto day = floor<days>(time);
    const year_month_day date(day);
    const hh_mm_ss clock(time - day);
    const auto digits = [&](auto value, int width) { append_digits(out, static_cast<unsigned>(value), width); };
    out += '"';
    digits(static_cast<int>(date.year()), 4);
    out += '-';
    digits(static_cast<unsigned>(date.month()), 2);
    out += '-';
    digits(static_cast<unsigned>(date.day()), 2);
    out += 'T';
    digits(clock.hours().count(), 2);
    out += ':';
    digits(clock.minutes().count(), 2);
    out += ':';
    digits(clock.seconds().count(), 2);
    out += '.';
    digits(clock.subseconds().count(), 3);
    out += "Z\"";
}

}  // namespace productd::json
