// The query of a URL, for every API over HTTP.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "domain/result.hpp"

namespace productd {

/// The first value of `name` in a query, decoded as a form is (`+` is a blank, `%41` a byte); nothing when absent.
/// invalid_argument for a `%` that two hex digits do not follow.
Result<std::optional<std::string>> query_value(std::string_view query, std::string_view name);

}  // namespace productd
