// The digests (SHA-256, FIPS 180-4) that idempotency keys, derived ids and checksums stand on.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "domain/decide.hpp"

namespace productd {

Digest sha256(std::string_view bytes);
/// 64 hex digits.
std::string hex(const Digest& digest);
/// What hex() writes, in either case; nothing for any other text.
std::optional<Digest> parse_digest(std::string_view text);

}  // namespace productd
