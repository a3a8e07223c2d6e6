// Appends JSON text. What is appended must be valid UTF-8 unless it says otherwise.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "domain/product.hpp"

namespace productd::json {

/// A string with its quotes; control characters, quotes and backslashes are escaped (RFC 8259).
void append_string(std::string& out, std::string_view text);
/// As append_string, for bytes of unknown origin: each byte that is not ASCII becomes U+FFFD.
void append_ascii(std::string& out, std::string_view bytes);
/// The shortest form that reads back as exactly this number. Null for what is not finite, which JSON cannot say.
void append_number(std::string& out, double number);
void append_number(std::string& out, std::int64_t number);
/// RFC 3339 in UTC with milliseconds, in quotes.
void append_time(std::string& out, Timestamp time);

}  // namespace productd::json
