// Users and passwords that are set and let nobody in.
#pragma once

#include <string>
#include <vector>

#include "runtime/config/config.hpp"

namespace productd {

/// Of the engines that are chosen: a sentence for each credential that nothing uses, with its place and without its
/// value.
std::vector<std::string> unused_credentials(const LoadedConfig& loaded);

}  // namespace productd
