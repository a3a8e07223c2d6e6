// The id of a request, by which a client finds it in our log: its own if it sends one we accept, else one of ours.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace productd {

/// The longest `X-Request-Id` each surface accepts.
inline constexpr std::size_t http_request_id_bytes_max = 128;
inline constexpr std::size_t grpc_request_id_bytes_max = 64;

/// Whether a client's id may stand in headers and log lines as it is: 1 to `bytes_max` letters, digits, `-`, `_`, `.`.
bool is_request_id(std::string_view text, std::size_t bytes_max);

/// Makes ids. Used from one thread.
class RequestIds {
public:
    /// Seeded by the system.
    RequestIds();

    /// 32 hexadecimal digits, unique, though not secret.
    std::string next();

private:
    std::uint64_t state_;
};

}  // namespace productd
