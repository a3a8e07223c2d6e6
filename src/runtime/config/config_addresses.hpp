// What the addresses of servers may not hold, and which of them nobody uses.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "runtime/config/config.hpp"

namespace productd {

/// Sentences, each with its place.
struct ConfigFindings {
    std::vector<std::string> errors;
    std::vector<std::string> warnings;
};

/// Whether it is more than a host and a port. Such an address is not masked where it is shown or logged.
bool may_hold_password(std::string_view address);

/// Where the value of a key was given: `config.yaml:12`, `default`.
const std::string& place_of(const LoadedConfig& loaded, std::string_view path);

/// Errors: a user or password inside an address that is no URI; none is repeated. Warnings: an address or credentials
/// of an engine that is not chosen, with what chooses it; credentials of one that is, which nothing uses; a password
/// that goes over the network readable.
ConfigFindings check_addresses(const LoadedConfig& loaded);

}  // namespace productd
