// Times as text, and read from it.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "domain/product.hpp"

namespace productd {

/// Appends RFC 3339 in UTC with milliseconds: `2026-01-31T10:00:00.123Z`.
void append_time_text(std::string& out, Timestamp time);
inline std::string time_text(Timestamp time) {
    std::string text;
    append_time_text(text, time);
    return text;
}

/// RFC 3339 in UTC (`2026-01-31T10:00:00.123Z`), with any number of decimals of which three count, a date alone, or
/// what stands between; nothing for anything else.
std::optional<Timestamp> parse_time(std::string_view given);

}  // namespace productd
