// The address a server listens on, and why it cannot.
#pragma once

#include <cstdint>
#include <string>

#include "domain/result.hpp"

namespace productd {

/// `host:port`, with brackets around an IPv6 address.
std::string listening_address(const std::string& address, std::uint16_t port);

/// gRPC only says that it cannot listen; this tries once more, to say why and what to do.
Error why_not_listening(const std::string& address, std::uint16_t port);

}  // namespace productd
