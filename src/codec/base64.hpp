// Base64 (RFC 4648, section 4) by OpenSSL.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace productd {

std::string base64(std::string_view bytes);

/// Nothing unless `text` is padded base64 without line breaks.
std::optional<std::string> from_base64(std::string_view text);

}  // namespace productd
