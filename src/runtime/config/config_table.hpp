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

enum class ConfigType { text, choice, port, count, ratio, bytes, duration, list };

/// `in_uri`: only the password inside the URI is hidden.
enum class Secret { no, yes, in_uri };

/// A member that is one of few, an enumeration or a bool, by its place among the key's choices.
class ChoiceSlot {
public:
    template <class T>
    explicit ChoiceSlot(T& member)
        : member_(&member),
          index_([](const void* from) { return static_cast<std::size_t>(*static_cast<const T*>(from)); }),
          choose_([](void* to, std::size_t index) { *static_cast<T*>(to) = static_cast<T>(index); }) {}

    std::size_t index() const { return index_(member_); }
    void choose(std::size_t index) const { choose_(member_, index); }

private:
    void* member_;
    std::size_t (*index_)(const void*);
    void (*choose_)(void*, std::size_t);
};

/// Where in a Config a key's value lives.
using ConfigSlot = std::variant<std::string*, double*, std::uint16_t*, std::int32_t*, std::int64_t*, std::size_t*,
                                std::chrono::milliseconds*, std::vector<std::string>*, ChoiceSlot>;

struct ConfigKey {
    std::string_view section;  ///< Empty for the top level.
    std::string_view name;
    ConfigType type = ConfigType::text;
    ConfigSlot (*slot)(Config&) = nullptr;
    std::int64_t min = 0;  ///< Bytes, milliseconds or plain; for text the fewest bytes.
    std::int64_t max = 0;
    std::span<const std::string_view> choices = {};
    std::string_view about = {};  ///< One sentence without its full stop.
    std::string_view older_name = {};
    std::chrono::milliseconds bare_unit = std::chrono::seconds(1);  ///< What a bare integer counts.
    Secret secret = Secret::no;

    std::string path() const;  ///< `Http.Port`.
};

/// Every key; those of one section stand together.
std::span<const ConfigKey> config_keys();

/// Names compare without case, underscores and hyphens: `APPLY_WAIT` is `ApplyWait`.
std::string folded_name(std::string_view name);

}  // namespace productd
