// The settings of traces, made of the configuration.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "outbound/observed/observed_message_log.hpp"
#include "outbound/otlp/otlp_settings.hpp"
#include "runtime/config/config.hpp"

namespace productd {

/// `key=value,key=value`, its values percent-decoded, as the OTEL_* variables have it; nothing for what is not that.
std::optional<std::vector<std::pair<std::string, std::string>>> key_value_list(std::string_view text);

TracerSettings tracer_settings(const Config& config);
OtlpSettings otlp_settings(const Config& config);

// What spans say of the servers that are called.
ObservedDatabase observed_store(const Config& config);
ObservedDatabase observed_cache(const Config& config);
ObservedMessaging observed_log(const Config& config);

}  // namespace productd
