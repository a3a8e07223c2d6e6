// The table of configuration keys: parsing, environment, range checks and every listing are driven by it.
#pragma once

#include <chrono>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "runtime/config/config.hpp"

namespace productd {

enum class ConfigType { text, choice, port, count, bytes, duration, list };

/// `in_uri`: only the password inside the URI is hidden.
enum class Secret { no, yes, in_uri };

/// Where in a Config a key's value lives.
using ConfigSlot = std::variant<std::string*, std::uint16_t*, std::int32_t*, std::int64_t*, std::size_t*,
                                std::chrono::milliseconds*, std::vector<std::string>*>;

struct ConfigKey {
    std::string_view section;  ///< Empty for the top level.
    std::string_view name;
    ConfigType type = ConfigType::text;
    ConfigSlot (*slot)(Config&) = nullptr;
    std::int64_t min = 0;  ///< Bytes, milliseconds or plain; for text the fewest bytes.
    std::int64_t max = 0;
    std::string_view choices = {};  ///< `sqlite, kafka`.
    std::string_view about = {};    ///< One sentence without its full stop.
    std::string_view older_name = {};
    std::chrono::milliseconds bare_unit = std::chrono::seconds(1);  ///< What a bare integer counts.
    Secret secret = Secret::no;

    std::string path() const;  ///< `Http.Port`.
};

/// Every key; those of one section stand together.
std::span<const ConfigKey> config_keys();

/// What a section is for, one sentence without its full stop.
std::string_view section_about(std::string_view section);

/// Members of the older service's file that have no meaning here: `Http.PprofPort`; a whole section as `Jaeger.*`.
std::span<const std::string_view> older_members();

/// Names compare without case, underscores and hyphens: `APPLY_WAIT` is `ApplyWait`.
std::string folded_name(std::string_view name);

}  // namespace productd
