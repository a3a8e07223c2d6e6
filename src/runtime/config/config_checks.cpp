// A function a part of the configuration. Calls the table of keys.
#include "runtime/config/config_checks.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <boost/asio/ip/address.hpp>
#include <cctype>
#include <fstream>
#include <tuple>

#include "domain/utf8.hpp"
#include "runtime/config/config_table.hpp"
#include "runtime/config/config_value.hpp"
#include "runtime/config/host_and_port.hpp"
#include "runtime/engine.hpp"
#include "runtime/tracing_settings.hpp"

namespace productd {

namespace {

/// `Worker.DrainLimit (config.yaml:3: 20s)`.
std::string given(const LoadedConfig& loaded, std::string_view path) {
    const auto& key = *std::ranges::find(config_keys(), path, &ConfigKey::path);
    const auto& origin = loaded.origins[static_cast<std::size_t>(&key - config_keys().data())];
    return fmt::format("{} ({}: {})", path, origin, yaml_value(loaded.config, key, Show::plain));
}

void check_times(const LoadedConfig& loaded, ConfigFindings& found) {
    const auto& config = loaded.config;
    if (config.worker.breaker.backoff.min > config.worker.breaker.backoff.max) {
        found.errors.emplace_back("Worker.BackoffMin must not be longer than Worker.BackoffMax.");
    }
    if (config.worker.drain_limit > config.shutdown.timeout) {
        found.errors.push_back(
            fmt::format("{} must not be longer than {}: the process would end before the worker has drained.",
                        given(loaded, "Worker.DrainLimit"), given(loaded, "Shutdown.Timeout")));
    }
    if (config.shutdown.lame_duck >= config.shutdown.timeout) {
        found.errors.emplace_back("Shutdown.LameDuck is a part of Shutdown.Timeout and must be shorter.");
    }
    if (config.catalog.apply_wait > config.http.timeouts.request) {
        found.warnings.emplace_back("Http.ApplyWait is longer than Http.Timeout, which ends the wait earlier.");
    }
}

void check_ports(const Config& config, ConfigFindings& found) {
    if (config.server.port != 0 && config.server.port == config.http.port) {
        found.errors.emplace_back("Server.Port and Http.Port must be different ports.");
    }
    for (const auto& [name, other] : {std::pair{"Server.Port", config.server.port}, {"Http.Port", config.http.port}}) {
        if (other != 0 && other == config.metrics.port) {
            found.errors.push_back(fmt::format("{} and Metrics.Port must be different ports.", name));
        }
    }
}

bool is_loopback(const std::string& address) {
    boost::system::error_code error;
    const auto parsed = boost::asio::ip::make_address(address, error);
    return address == "localhost" || (!error && parsed.is_loopback());
}

void check_plain_grpc(const Config& config, ConfigFindings& found) {
    if (config.server.tls) return;
    if (!config.tls.client_ca_file.empty()) {
        found.errors.emplace_back(
            "Server.Tls is false, so gRPC would let in callers without the certificate that Tls.ClientCaFile asks for: "
            "leave one of the two away.");
    }
    if (!is_loopback(config.server.address)) {
        found.warnings.push_back(
            fmt::format("Server.Tls is false and Server.Address is {}: others on the network can read and change what "
                        "gRPC carries.",
                        config.server.address));
    }
}

void check_sizes(const Config& config, ConfigFindings& found) {
    if (config.requests_bytes_max < config.http.limits.body_bytes_max + config.http.limits.header_bytes_max) {
        found.warnings.emplace_back("Limits.requests_bytes_max is less than one request may be: the largest get 503.");
    }
    if (config.server.receive_bytes_max < config.catalog.product_bytes_max) {
        found.warnings.emplace_back(
            "Server.MessageBytesMax is less than Limits.product_bytes_max: the largest products cannot be sent over "
            "gRPC.");
    }
}

/// What gRPC would end the process for, or a collector would refuse with everything else.
bool is_header(const std::string& name, const std::string& value) {
    const auto is_name = [](unsigned char c) { return std::isalnum(c) || c == '-' || c == '_' || c == '.'; };
    const auto is_value = [](unsigned char c) { return c >= ' ' && c <= '~'; };
    return std::ranges::all_of(name, is_name) && !name.ends_with("-bin") && std::ranges::all_of(value, is_value);
}

bool is_attribute(const std::string& name, const std::string& value) {
    return code_points(name).has_value() && code_points(value).has_value();
}

void check_tracing(const TracingConfig& tracing, ConfigFindings& found) {
    for (const auto& [name, list, fits] :
         {std::tuple{"Attributes", &tracing.attributes, &is_attribute}, {"Headers", &tracing.headers, &is_header}}) {
        const auto pairs = key_value_list(*list);
        const auto is_fit = [&test = fits](const auto& pair) { return test(pair.first, pair.second); };
        if (pairs && std::ranges::all_of(*pairs, is_fit)) continue;
        found.errors.push_back(fmt::format(
            "Tracing.{} must be key=value, and a comma between two of them; keys and values are plain text.", name));
    }
    if (!code_points(tracing.service_name)) found.errors.emplace_back("Tracing.ServiceName must be UTF-8.");
    const auto& otlp = tracing.otlp;
    if (otlp.endpoint.empty()) return;
    const auto endpoint = parse_otlp_endpoint(otlp.endpoint);
    if (may_hold_password(otlp.endpoint) || !host_and_port(endpoint.target)) {
        found.errors.emplace_back(
            "Tracing.Endpoint must be a host and a port, such as localhost:4317, with http:// or https:// before it; "
            "what "
            "the collector wants to know of you belongs to Tracing.Headers.");
    }
    if (!otlp.ca_file.empty() && !std::ifstream(otlp.ca_file)) {
        found.errors.push_back(fmt::format("Tracing.CaFile {} cannot be read.", otlp.ca_file));
    }
    if (!tracing.headers.empty() && !endpoint.is_tls) {
        found.warnings.emplace_back(
            "Tracing.Headers go over the network readable by others; put https:// before Tracing.Endpoint.");
    }
}

/// As browsers send it (RFC 6454 section 7): lower case, no path, no port that is the scheme's own.
bool is_origin(std::string_view text) {
    const auto scheme = text.find("://");
    if (scheme == std::string_view::npos) return text == "*";
    const auto name = text.substr(0, scheme);
    const auto host = text.substr(scheme + 3);
    const bool has_own_port = host.ends_with(name == "https" ? ":443" : ":80");
    const bool is_plain = std::ranges::none_of(text, [](unsigned char c) { return std::isupper(c) || c <= ' '; });
    return (name == "https" || name == "http") && !host.empty() && !has_own_port && is_plain &&
           host.find_first_of("/?#@*,") == std::string_view::npos;
}

void check_origins(const Config& config, ConfigFindings& found) {
    for (const auto& origin : config.http.exchange.cors_origins) {
        if (is_origin(origin)) continue;
        found.errors.push_back(
            fmt::format("Http.CorsOrigins has {}, which no browser sends: an origin is like https://shop.example or "
                        "http://localhost:3000, in lower case and with nothing behind it; * is every one.",
                        origin));
    }
}

void check_kafka(const Config& config, ConfigFindings& found) {
    if (!log_is_kafka(config)) return;
    if (config.kafka.connection.brokers.empty()) {
        found.errors.emplace_back("Kafka.Brokers is empty; name one broker at least.");
    }
    for (const auto& broker : config.kafka.connection.brokers) {
        if (host_and_port(broker) || may_hold_password(broker)) continue;  // The latter is told, but not shown.
        found.errors.push_back(
            fmt::format("Kafka.Brokers has {}; give a host and a port of each, such as localhost:9092.", broker));
    }
    if (config.kafka.in_sync_min > config.kafka.replicas) {
        found.errors.emplace_back("Kafka.MinInsyncReplicas must not be higher than Kafka.Replicas.");
    }
    auto topics = config.kafka.topics.all();
    std::ranges::sort(topics);
    if (const auto twice = std::ranges::adjacent_find(topics); twice != topics.end()) {
        found.errors.push_back(
            fmt::format("Two of Kafka's topics are called {}: give each a name of its own.", *twice));
    }
    if (config.kafka.connection.mechanism != KafkaMechanism::none && config.kafka.connection.user.empty()) {
        found.errors.emplace_back("Kafka.Mechanism needs Kafka.User and Kafka.Password.");
    }
    for (const auto& [name, timeout] : {std::pair{"Http.Timeout", config.http.timeouts.request},
                                        {"Server.Timeout", config.server.deadline_default}}) {
        if (config.kafka.delivery_timeout < timeout) continue;
        found.warnings.push_back(
            fmt::format("Kafka.DeliveryTimeout is not below {}, which gives a write up earlier.", name));
    }
}

}  // namespace

ConfigFindings check_combinations(const LoadedConfig& loaded) {
    ConfigFindings found;
    check_times(loaded, found);
    check_plain_grpc(loaded.config, found);
    check_ports(loaded.config, found);
    check_sizes(loaded.config, found);
    check_origins(loaded.config, found);
    check_tracing(loaded.config.tracing, found);
    check_kafka(loaded.config, found);
    return found;
}

}  // namespace productd
