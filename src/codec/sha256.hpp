// SHA-256 (FIPS 180-4) by OpenSSL.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "domain/decide.hpp"

namespace productd {

Digest sha256(std::string_view bytes);
/// 64 hex digits.
std::string hex(const Digest& digest);
std::optional<Digest> parse_digest(std::string_view text);

}  // namespace productd
