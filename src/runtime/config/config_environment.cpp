// Turns variables into settings. Calls the table of keys.
#include "runtime/config/config_environment.hpp"

#include <unistd.h>

#include <array>

#include "runtime/config/config_table.hpp"

namespace productd {

namespace {

constexpr std::string_view prefix = "PRODUCTD_";

struct OlderVariable {
    std::string_view variable;
    std::string_view section;
    std::string_view name;
};
/// A variable that others expect (https://opentelemetry.io/docs/specs/otel/configuration/sdk-environment-variables/);
/// of two for one key the later one is stronger.
struct OtelVariable {
    std::string_view variable;
    std::string_view name;  ///< Of the section Tracing.
    std::string_view unit = {};
};
constexpr std::array otel_variables{
    OtelVariable{"OTEL_SDK_DISABLED", "Disabled"},
    OtelVariable{"OTEL_SERVICE_NAME", "ServiceName"},
    OtelVariable{"OTEL_RESOURCE_ATTRIBUTES", "Attributes"},
    OtelVariable{"OTEL_TRACES_SAMPLER", "Sampler"},
    OtelVariable{"OTEL_TRACES_SAMPLER_ARG", "SampleRatio"},
    OtelVariable{"OTEL_EXPORTER_OTLP_ENDPOINT", "Endpoint"},
    OtelVariable{"OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "Endpoint"},
    OtelVariable{"OTEL_EXPORTER_OTLP_HEADERS", "Headers"},
    OtelVariable{"OTEL_EXPORTER_OTLP_TRACES_HEADERS", "Headers"},
    OtelVariable{"OTEL_EXPORTER_OTLP_CERTIFICATE", "CaFile"},
    OtelVariable{"OTEL_EXPORTER_OTLP_TRACES_CERTIFICATE", "CaFile"},
    OtelVariable{"OTEL_EXPORTER_OTLP_TIMEOUT", "Timeout", "ms"},
    OtelVariable{"OTEL_EXPORTER_OTLP_TRACES_TIMEOUT", "Timeout", "ms"},
    OtelVariable{"OTEL_BSP_SCHEDULE_DELAY", "Interval", "ms"},
    OtelVariable{"OTEL_BSP_MAX_QUEUE_SIZE", "QueueMax"},
    OtelVariable{"OTEL_BSP_MAX_EXPORT_BATCH_SIZE", "BatchMax"},
};

constexpr std::array older_variables{
    OlderVariable{"GRPC_PORT", "Server", "Port"},
    OlderVariable{"HTTP_PORT", "Http", "Port"},
};

/// `PRODUCTD_HTTP_APPLY_WAIT` is Http.ApplyWait: the section is the one whose name it begins with. An older variable
/// may have our prefix too.
Setting setting_of(std::string_view name, const std::string& value) {
    Setting setting{"", std::string(name.substr(prefix.size())), {{value}}, std::string(name)};
    for (const auto& older : older_variables) {
        if (setting.name != older.variable) continue;
        setting.section = older.section;
        setting.name = older.name;
        return setting;
    }
    const auto plain = folded_name(setting.name);
    for (const auto& key : config_keys()) {
        const auto section = folded_name(key.section);
        // `PRODUCTD_STORE` alone is the key at the top; with more behind it, the section is meant.
        if (!section.empty() && plain.starts_with(section) && plain.size() > section.size()) {
            setting.section = key.section;
            setting.name = plain.substr(section.size());
        }
    }
    return setting;
}

}  // namespace

const std::string* variable(const Environment& environment, std::string_view name) {
    for (const auto& [key, value] : environment) {
        if (key == name && !value.empty()) return &value;
    }
    return nullptr;
}

std::vector<Setting> older_settings(const Environment& environment) {
    std::vector<Setting> settings;
    for (const auto& older : older_variables) {
        if (const auto* value = variable(environment, older.variable)) {
            settings.push_back(
                {std::string(older.section), std::string(older.name), {{*value}}, std::string(older.variable)});
        }
    }
    return settings;
}

std::optional<std::string> otel_protocol_warning(const Environment& environment) {
    for (const auto* name : {"OTEL_EXPORTER_OTLP_TRACES_PROTOCOL", "OTEL_EXPORTER_OTLP_PROTOCOL"}) {
        const auto* value = variable(environment, name);
        if (!value) continue;
        if (*value == "grpc") return std::nullopt;
        return std::string(name) + " asks for a protocol other than grpc, which alone is spoken here, by port 4317.";
    }
    return std::nullopt;
}

std::vector<Setting> otel_settings(const Environment& environment) {
    std::vector<Setting> settings;
    const auto* exporter = variable(environment, "OTEL_TRACES_EXPORTER");
    if (exporter && *exporter == "none")
        settings.push_back({"Tracing", "Disabled", {{"true"}}, "OTEL_TRACES_EXPORTER"});
    for (const auto& known : otel_variables) {
        const auto* value = variable(environment, known.variable);
        if (!value) continue;
        std::erase_if(settings, [&](const Setting& weaker) { return weaker.name == known.name; });
        settings.push_back(
            {"Tracing", std::string(known.name), {{*value + std::string(known.unit)}}, std::string(known.variable)});
    }
    return settings;
}

std::vector<Setting> own_settings(const Environment& environment) {
    std::vector<Setting> settings;
    for (const auto& [name, value] : environment) {
        if (!name.starts_with(prefix) || name == "PRODUCTD_CONFIG" || value.empty()) continue;
        settings.push_back(setting_of(name, value));
    }
    return settings;
}

std::vector<std::pair<std::string, std::string>> process_environment() {
    std::vector<std::pair<std::string, std::string>> variables;
    for (char** entry = environ; entry && *entry; ++entry) {
        const std::string_view text(*entry);
        const auto equals = text.find('=');
        if (equals == text.npos) continue;
        variables.emplace_back(text.substr(0, equals), text.substr(equals + 1));
    }
    return variables;
}

}  // namespace productd
