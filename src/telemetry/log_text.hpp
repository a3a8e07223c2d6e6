// Text of any origin within a line of the log: nothing in it can end the line, or say anything to a terminal.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace productd::log {

/// Of a longer text the begin is written, and an ellipsis.
inline constexpr std::size_t text_bytes_max = 8 * 1024;

/// Where the text stands.
enum class Within {
    json,     ///< In a string's quotes, which are not appended.
    console,  ///< In a line for a person: quotes and backslashes stay as they are.
};

/// Control characters (C0, DEL, C1) become JSON's escapes, and each byte that is not UTF-8 becomes U+FFFD.
void append_text(std::string& out, std::string_view text, Within within);

}  // namespace productd::log
