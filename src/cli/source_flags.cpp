// The flags that say where the configuration comes from. Calls CLI11 and the configuration's checks.
#include <fmt/format.h>

#include <algorithm>

#include "cli/commands.hpp"
#include "runtime/config/config_value.hpp"

namespace productd {

namespace {

/// For CLI11: empty for a value that the key takes, else what to say of it.
std::string refusal(std::string_view path, const std::string& given) {
    const auto& key = *std::ranges::find(config_keys(), path, &ConfigKey::path);
    Config unused;
    const auto assigned = assign(unused, key, {{given}});
    return assigned ? "" : fmt::format("{} {}", path, assigned.error().detail);
}

}  // namespace

std::shared_ptr<SourceFlags> SourceFlags::declare(CLI::App& command, Ports ports) {
    auto flags = std::make_shared<SourceFlags>();
    command.add_option("--config", flags->config_, "The configuration file (YAML); also PRODUCTD_CONFIG")
        ->type_name("FILE");
    const auto add = [&](const char* name, const char* key, const char* type, const char* about) {
        auto& flag = flags->flags_.emplace_back(std::make_unique<Flag>(name, key));
        command.add_option(name, flag->value, about)->type_name(type)->check([key](const std::string& given) {
            return refusal(key, given);
        });
    };
    add("--data-dir", "Data.Dir", "FOLDER", "Folder of the embedded engine's files; also Data.Dir");
    if (ports == Ports::with) {
        add("--http-port", "Http.Port", "PORT", "REST over HTTPS, 0 for a free port; also Http.Port");
        add("--grpc-port", "Server.Port", "PORT", "gRPC over TLS, 0 for a free port; also Server.Port");
        add("--metrics-port", "Metrics.Port", "PORT", "Metrics without TLS, 0 for a free port; also Metrics.Port");
    }
    return flags;
}

ConfigSources SourceFlags::sources(const Choice& choice) const {
    ConfigSources sources{.flags = {}, .environment = choice.environment};
    if (config_) sources.file = *config_;
    for (const auto& flag : flags_) {
        if (flag->value) sources.flags.push_back({flag->name, flag->key, *flag->value});
    }
    return sources;
}

}  // namespace productd
