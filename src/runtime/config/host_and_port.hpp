// The one reading of an address.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace productd {

struct HostAndPort {
    std::string host;  ///< An IPv6 address without its brackets.
    std::string port;
};

/// `localhost:6379`, `[::1]:6379`; nothing when one of the two is missing or the port is no number of 5 digits at most.
std::optional<HostAndPort> host_and_port(std::string_view text);

}  // namespace productd
