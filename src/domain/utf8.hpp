// UTF-8 as RFC 3629 defines it.
#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

namespace productd {

/// The number of code points, or nothing when `text` is not well-formed UTF-8 (RFC 3629: no surrogates, no
/// overlong forms, nothing above U+10FFFF).
std::optional<std::size_t> code_points(std::string_view text);

}  // namespace productd
