// What of a configuration nobody may read.
#pragma once

#include <string>
#include <vector>

#include "runtime/config/config.hpp"

namespace productd {

/// The values of all secret keys, and the passwords inside URIs, as they are written and as they are meant.
std::vector<std::string> secrets_of(const Config& config);

}  // namespace productd
