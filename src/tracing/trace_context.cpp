// Compares text with the one form it may have, digit by digit.
#include "tracing/trace_context.hpp"

#include <algorithm>
#include <cstring>
#include <span>

#include "codec/splitmix64.hpp"

namespace productd {

namespace {

// version - trace - span - flags
constexpr std::size_t trace_begin = 3, span_begin = 36, flags_begin = 53, form_size = 55;
constexpr std::uint8_t sampled_flag = 1;

/// 16 for what is no lower-case hexadecimal digit.
constexpr std::uint8_t digit(char c) {
    if (c >= '0' && c <= '9') return static_cast<std::uint8_t>(c - '0');
    if (c >= 'a' && c <= 'f') return static_cast<std::uint8_t>(c - 'a' + 10);
    return 16;
}

bool read_hex(std::string_view text, std::span<std::uint8_t> out) {
    for (std::size_t i = 0; i < out.size(); ++i) {
        const auto high = digit(text[2 * i]), low = digit(text[2 * i + 1]);
        if (high > 15 || low > 15) return false;
        out[i] = static_cast<std::uint8_t>(high << 4 | low);
    }
    return true;
}

void write_hex(std::span<const std::uint8_t> bytes, char* out) {
    constexpr std::string_view digits = "0123456789abcdef";
    for (const auto byte : bytes) {
        *out++ = digits[byte >> 4];
        *out++ = digits[byte & 15];
    }
}

}  // namespace

SpanContext parse_traceparent(std::string_view text) {
    if (text.size() < form_size || text[2] != '-' || text[span_begin - 1] != '-' || text[flags_begin - 1] != '-') {
        return {};
    }
    std::array<std::uint8_t, 1> version{}, flags{};
    SpanContext context;
    const bool is_read = read_hex(text, version) && read_hex(text.substr(trace_begin), context.trace) &&
                         read_hex(text.substr(span_begin), context.span) && read_hex(text.substr(flags_begin), flags);
    if (!is_read || version[0] == 0xff || !context.is_valid()) return {};
    const bool has_more = text.size() > form_size;
    if (has_more && (version[0] == 0 || text[form_size] != '-')) return {};
    context.is_sampled = (flags[0] & sampled_flag) != 0;
    return context;
}

std::string traceparent(const SpanContext& context) {
    if (!context.is_valid()) return {};
    std::string text(form_size, '-');
    text[0] = text[1] = text[flags_begin] = '0';
    text[flags_begin + 1] = context.is_sampled ? '1' : '0';
    write_hex(context.trace, text.data() + trace_begin);
    write_hex(context.span, text.data() + span_begin);
    return text;
}

std::string trace_id(const SpanContext& context) {
    if (!context.is_valid()) return {};
    std::string text(2 * context.trace.size(), '0');
    write_hex(context.trace, text.data());
    return text;
}

SpanContext child_of(const SpanContext& parent, std::uint64_t salt) {
    auto child = parent;
    std::uint64_t bits = 0;
    std::memcpy(&bits, parent.span.data(), sizeof bits);
    bits = splitmix64(bits + splitmix64(salt + 0x9E3779B97F4A7C15ULL));
    if (bits == 0) bits = 1;  // An id of zeros is none.
    std::memcpy(child.span.data(), &bits, sizeof bits);
    return child;
}

}  // namespace productd
