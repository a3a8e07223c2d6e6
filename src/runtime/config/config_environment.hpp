// The environment as a source of settings.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "runtime/config/config_file.hpp"

namespace productd {

using Environment = std::vector<std::pair<std::string, std::string>>;

/// The value of a variable that is set and not empty, or null.
const std::string* variable(const Environment& environment, std::string_view name);

/// From OpenTelemetry's names, such as `OTEL_EXPORTER_OTLP_ENDPOINT`.
std::vector<Setting> otel_settings(const Environment& environment);

/// A sentence where they ask for a protocol that we do not speak.
std::optional<std::string> otel_protocol_warning(const Environment& environment);

/// From the older service's names, `GRPC_PORT` and `HTTP_PORT`.
std::vector<Setting> older_settings(const Environment& environment);

/// From `PRODUCTD_<SECTION>_<KEY>`; an empty variable counts as not set.
std::vector<Setting> own_settings(const Environment& environment);

}  // namespace productd
