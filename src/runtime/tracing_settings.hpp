// The settings of traces, made of the configuration.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "outbound/otlp/otlp_settings.hpp"
#include "outbound/traced/traced_message_log.hpp"
#include "runtime/config/config.hpp"

namespace productd {

/// `key=value,key=value`, its values percent-decoded, as the OTEL_* variables have it; nothing for what is not that.
std::optional<std::vector<std::pair<std::string, std::string>>> key_value_list(std::string_view text);

TracerSettings tracer_settings(const Config& config);
OtlpSettings otlp_settings(const Config& config);

// What spans say of the servers that are called.
TracedDatabase traced_store(const Config& config);
TracedDatabase traced_cache(const Config& config);
TracedMessaging traced_log(const Config& config);

}  // namespace productd
