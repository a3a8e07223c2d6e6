// Compares text with the one form it may have.
#include "codec/trace_context.hpp"

#include <algorithm>

namespace productd {

namespace {

constexpr std::string_view form = "00-hhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhh-hhhhhhhhhhhhhhhh-hh";
constexpr std::size_t id_begin = 3, id_size = 32;

bool is_lower_hex(char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); }

}  // namespace

std::string traceparent_or_empty(std::string_view text) {
    const auto fits = [](char c, char expected) { return expected == 'h' ? is_lower_hex(c) : c == expected; };
    return std::ranges::equal(text, form, fits) ? std::string(text) : std::string();
}

std::string_view trace_id(std::string_view traceparent) {
    if (traceparent.size() < form.size()) return {};
    if (traceparent[id_begin - 1] != '-' || traceparent[id_begin + id_size] != '-') return {};
    const auto id = traceparent.substr(id_begin, id_size);
    return std::ranges::all_of(id, is_lower_hex) ? id : std::string_view{};
}

}  // namespace productd
