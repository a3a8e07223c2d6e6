// Members of the older service's file that are called something else here.
#pragma once

#include <optional>

#include "runtime/config/config_file.hpp"

namespace productd {

/// What a member of the section Jaeger is here; nothing for any other. Its agent took spans by UDP: Jaeger itself takes
/// OTLP, by its usual port.
std::optional<Setting> newer_setting(const Setting& older);

}  // namespace productd
