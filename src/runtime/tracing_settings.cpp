// One function a part. Calls nothing but the parser of addresses.
#include "runtime/tracing_settings.hpp"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <cctype>

#include "runtime/config/host_and_port.hpp"
#include "runtime/engine.hpp"
#include "runtime/version.hpp"

namespace productd {

namespace {

std::string_view trimmed(std::string_view text) {
    while (text.starts_with(' ')) text.remove_prefix(1);
    while (text.ends_with(' ')) text.remove_suffix(1);
    return text;
}

int digit(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

std::string percent_decoded(std::string_view text) {
    std::string out;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const bool is_escape =
            text[i] == '%' && i + 2 < text.size() && digit(text[i + 1]) >= 0 && digit(text[i + 2]) >= 0;
        if (!is_escape) {
            out += text[i];
            continue;
        }
        out += static_cast<char>(digit(text[i + 1]) * 16 + digit(text[i + 2]));
        i += 2;
    }
    return out;
}

std::string host_name() {
    std::array<char, 256> name{};
    return gethostname(name.data(), name.size() - 1) == 0 ? std::string(name.data()) : std::string();
}

double ratio_of(const TracingConfig& tracing) {
    switch (tracing.sampler) {
        case Sampler::parentbased_always_on:
        case Sampler::always_on: return 1;
        case Sampler::parentbased_always_off:
        case Sampler::always_off: return 0;
        case Sampler::parentbased_traceidratio:
        case Sampler::traceidratio: return tracing.sample_ratio;
    }
    std::unreachable();
}

bool follows_parents(Sampler sampler) { return name(sampler).starts_with("parentbased_"); }

ObservedServer server_at(std::string_view address) {
    const auto found = host_and_port(address);
    if (!found) return {};
    return {found->host, static_cast<std::uint16_t>(std::strtoul(found->port.c_str(), nullptr, 10))};
}

/// The first host of `mongodb://user:password@host:port,…/…`.
ObservedServer first_host(std::string_view uri) {
    const auto scheme = uri.find("://");
    if (scheme != uri.npos) uri.remove_prefix(scheme + 3);
    uri = uri.substr(0, uri.find_first_of("/?"));
    if (const auto at = uri.rfind('@'); at != uri.npos) uri.remove_prefix(at + 1);
    uri = uri.substr(0, uri.find(','));
    auto server = server_at(uri);
    return server.address.empty() ? ObservedServer{std::string(uri), 0} : server;
}

}  // namespace

std::optional<std::vector<std::pair<std::string, std::string>>> key_value_list(std::string_view text) {
    std::vector<std::pair<std::string, std::string>> pairs;
    while (!trimmed(text).empty()) {
        const auto comma = text.find(',');
        const auto pair = trimmed(text.substr(0, comma));
        text = comma == text.npos ? std::string_view{} : text.substr(comma + 1);
        const auto equals = pair.find('=');
        if (equals == pair.npos || equals == 0) return std::nullopt;
        pairs.emplace_back(trimmed(pair.substr(0, equals)), percent_decoded(trimmed(pair.substr(equals + 1))));
    }
    return pairs;
}

TracerSettings tracer_settings(const Config& config) {
    const auto& tracing = config.tracing;
    TracerSettings settings;
    settings.is_on = !tracing.is_disabled && !tracing.otlp.endpoint.empty();
    settings.sampler = {ratio_of(tracing), follows_parents(tracing.sampler)};
    settings.queue_spans_max = tracing.queue_spans_max;
    return settings;
}

OtlpSettings otlp_settings(const Config& config) {
    auto settings = config.tracing.otlp;
    settings.headers = key_value_list(config.tracing.headers).value_or(OtlpSettings{}.headers);
    for (auto& [key, value] : settings.headers) {  // HTTP/2 has no capitals in names.
        for (auto& c : key) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    }
    // Whoever waits for a batch is to be woken before the queue is full.
    settings.batch_spans_max = std::min(settings.batch_spans_max, (config.tracing.queue_spans_max + 1) / 2);
    settings.scope_version = version_text();
    settings.resource = {{std::string(span_name::service_name), config.tracing.service_name},
                         {std::string(span_name::service_version), std::string(version_text())},
                         {std::string(span_name::host_name), host_name()},
                         {std::string(span_name::service_instance_id), host_name() + ':' + std::to_string(getpid())},
                         {std::string(span_name::telemetry_sdk_language), "cpp"}};
    for (auto& [key, value] : key_value_list(config.tracing.attributes).value_or(OtlpSettings{}.resource)) {
        // Who names the service by its own key means that.
        const bool is_named = config.tracing.service_name != TracingConfig{}.service_name;
        if (key == span_name::service_name && is_named) continue;
        std::erase_if(settings.resource, [&name = key](const auto& known) { return known.first == name; });
        settings.resource.emplace_back(std::move(key), std::move(value));
    }
    return settings;
}

ObservedDatabase observed_store(const Config& config) {
    switch (config.engine.store) {
        case StoreEngine::sqlite:
            return {.system = "sqlite", .name = "store.db", .collection = "products", .server = {}};
        case StoreEngine::mongodb:
            return {.system = "mongodb",
                    .name = config.mongo.database,
                    .collection = "products",
                    .server = first_host(config.mongo.uri)};
    }
    std::unreachable();
}

ObservedDatabase observed_cache(const Config& config) {
    return {.system = "redis",
            .name = std::to_string(config.redis.database),
            .collection = {},
            .server = server_at(config.redis_address)};
}

ObservedMessaging observed_log(const Config& config) {
    switch (config.engine.bus) {
        case BusEngine::sqlite: return {.system = "productd", .server = {}};
        case BusEngine::kafka: return {.system = "kafka", .server = server_at(config.kafka.connection.brokers.front())};
    }
    std::unreachable();
}

}  // namespace productd
