// Times read from text; json_text.hpp writes them.
#pragma once

#include <optional>
#include <string_view>

#include "domain/product.hpp"

namespace productd {

/// RFC 3339 in UTC (`2026-01-31T10:00:00.123Z`), with any number of decimals of which three count, a date alone, or
/// what stands between; nothing for anything else.
std::optional<Timestamp> parse_time(std::string_view given);

}  // namespace productd
