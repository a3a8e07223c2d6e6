// Header fields of an answer, whatever version of HTTP writes them.
#pragma once

#include <string>
#include <string_view>

namespace productd {

constexpr char ascii_lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c; }

/// Fields that say how the answer is framed: they are whoever's that writes it, not a handler's.
bool is_framing_field(std::string_view name);

/// Appends a name or a value; what could break out of a field becomes a blank.
void append_field_text(std::string& out, std::string_view text);

/// Whether an answer of this status has a body.
constexpr bool has_body(unsigned status) { return status >= 200 && status != 204 && status != 304; }

}  // namespace productd
