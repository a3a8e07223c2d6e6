// One value of the configuration: from text, checked against its key, and back to text.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/config/config_table.hpp"

namespace productd {

/// A value as a source gives it: one text, or the items of a list.
struct GivenValue {
    std::vector<std::string> items;
    bool is_list = false;
    bool is_map = false;  ///< No key takes one.
};

/// Stores `value` in `config`. Fails with a sentence that names the value and what is allowed (no value of a secret).
Result<> assign(Config& config, const ConfigKey& key, const GivenValue& value);

/// What may be given: `a duration from 10ms to 1h`.
std::string allowed(const ConfigKey& key);

/// `15s`, `250ms`, or a number of seconds, as durations are written everywhere; nothing for anything else.
std::optional<std::chrono::milliseconds> duration_of(std::string_view text);

enum class Show { masked, plain };

/// The value as YAML that reads back to it: `15s`, `2MiB`, `["*"]`. Secrets are `****` when masked.
std::string yaml_value(const Config& config, const ConfigKey& key, Show show);

}  // namespace productd
