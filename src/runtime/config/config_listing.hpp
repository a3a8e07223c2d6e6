// The configuration as text for a person.
#pragma once

#include <string>

#include "runtime/config/config.hpp"

namespace productd {

/// config/productd.yaml: every key with its default, its range and what it is for. It reads back to the defaults.
std::string reference_yaml();

/// What is in effect, with where each value comes from. Secrets are masked.
std::string effective_yaml(const LoadedConfig& loaded);

}  // namespace productd
