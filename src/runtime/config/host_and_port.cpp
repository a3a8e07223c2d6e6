// Splits an address at its last colon. Whether the host exists is for the resolver to say.
#include "runtime/config/host_and_port.hpp"

#include <algorithm>

namespace productd {

std::optional<HostAndPort> host_and_port(std::string_view text) {
    const auto colon = text.rfind(':');
    if (colon == std::string_view::npos || colon == 0 || text.contains('/')) return std::nullopt;
    auto host = text.substr(0, colon);
    const auto port = text.substr(colon + 1);
    const bool is_number = std::ranges::all_of(port, [](char c) { return c >= '0' && c <= '9'; });
    if (port.empty() || port.size() > 5 || !is_number) return std::nullopt;
    if (host.front() == '[' && host.back() == ']') host = host.substr(1, host.size() - 2);
    return HostAndPort{std::string(host), std::string(port)};
}

}  // namespace productd
