// What values must not be together.
#pragma once

#include "runtime/config/config_addresses.hpp"

namespace productd {

/// Errors: values that contradict each other, or say nothing where their engine is chosen. Warnings: one that another
/// makes useless.
ConfigFindings check_combinations(const LoadedConfig& loaded);

}  // namespace productd
