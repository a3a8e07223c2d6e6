// The digests (SHA-256, FIPS 180-4) that idempotency keys, derived ids and checksums stand on.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "domain/decide.hpp"

namespace productd {

Digest sha256(std::string_view bytes);

/// The same of bytes that come in pieces.
class Sha256 {
public:
    Sha256();
    ~Sha256();
    Sha256(const Sha256&) = delete;
    Sha256& operator=(const Sha256&) = delete;

    void add(std::string_view bytes);
    /// Of all that was added. Call it once, at the end.
    Digest digest();

private:
    struct State;
    std::unique_ptr<State> state_;
};

/// 64 hex digits.
std::string hex(const Digest& digest);
/// What hex() writes, in either case; nothing for any other text.
std::optional<Digest> parse_digest(std::string_view text);

}  // namespace productd
