// A count for each address that has connections, under a lock: it is taken twice a connection.
#include "inbound/http/http_addresses.hpp"

namespace productd {

namespace {

std::string_view address_of(std::string_view remote) { return remote.substr(0, remote.rfind(':')); }

}  // namespace

void HttpAddresses::enter(std::string_view remote) {
    const std::scoped_lock lock(mutex_);
    ++counts_[std::string(address_of(remote))];
}

void HttpAddresses::leave(std::string_view remote) {
    const std::scoped_lock lock(mutex_);
    const auto found = counts_.find(address_of(remote));
    if (found != counts_.end() && --found->second == 0) counts_.erase(found);
}

std::size_t HttpAddresses::connections(std::string_view remote) const {
    const std::scoped_lock lock(mutex_);
    const auto found = counts_.find(address_of(remote));
    return found == counts_.end() ? 0 : found->second;
}

}  // namespace productd
