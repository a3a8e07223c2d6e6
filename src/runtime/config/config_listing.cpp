// Writes the configuration as YAML, driven by the table of keys. Calls config_value.
#include "runtime/config/config_listing.hpp"

#include <fmt/format.h>

#include <iterator>

#include "runtime/config/config_sections.hpp"
#include "runtime/config/config_table.hpp"
#include "runtime/config/config_value.hpp"

namespace productd {

namespace {

constexpr std::string_view preface =
    "# productd: every key, with its default, what is allowed, and what it is for. Written by `productd config "
    "--defaults`.\n"
    "#\n"
    "# A value comes from the first that gives one: flag, environment, the file named by --config or PRODUCTD_CONFIG,\n"
    "# default. Http.ApplyWait is PRODUCTD_HTTP_APPLY_WAIT in the environment; names have no case and no underscores.\n"
    "# A password may be read from a file: MongoDB.PasswordFile, PRODUCTD_MONGODB_PASSWORD_FILE.\n"
    "# Durations: 250ms, 15s, 5m, 2h, 8d; a bare number is seconds. Sizes: 256KiB, 2MiB; a bare number is bytes.\n";

void append_section(std::string& text, const ConfigKey& key) {
    fmt::format_to(std::back_inserter(text), "\n# {}.\n", section_about(key.section));
    if (!key.section.empty()) fmt::format_to(std::back_inserter(text), "{}:\n", key.section);
}

/// What is allowed, where that says more than "text".
std::string range(const ConfigKey& key) {
    return key.type == ConfigType::text || key.type == ConfigType::list ? "" : "; " + allowed(key);
}

}  // namespace

std::string reference_yaml() {
    const Config defaults;
    std::string text(preface);
    std::string_view section = "none yet";
    for (const auto& key : config_keys()) {
        if (key.section != section) append_section(text, key);
        section = key.section;
        const std::string_view indent = section.empty() ? "" : "  ";
        fmt::format_to(std::back_inserter(text), "{0}# {1}{2}.\n{0}{3}: {4}\n", indent, key.about, range(key), key.name,
                       yaml_value(defaults, key, Show::plain));
    }
    return text;
}

std::string effective_yaml(const LoadedConfig& loaded) {
    std::string text;
    std::string_view section;
    for (std::size_t i = 0; i < config_keys().size(); ++i) {
        const auto& key = config_keys()[i];
        if (key.section != section) fmt::format_to(std::back_inserter(text), "{}:\n", key.section);
        section = key.section;
        const auto line = fmt::format("{}{}: {}", section.empty() ? "" : "  ", key.name,
                                      yaml_value(loaded.config, key, Show::masked));
        fmt::format_to(std::back_inserter(text), "{:<48} # {}\n", line, loaded.origins[i]);
    }
    return text;
}

}  // namespace productd
