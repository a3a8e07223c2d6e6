// Compares the addresses with the engines that would use them. Calls the table of keys.
#include "runtime/config/config_addresses.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "runtime/config/config_credentials.hpp"
#include "runtime/config/config_table.hpp"
#include "runtime/config/config_value.hpp"
#include "runtime/engine.hpp"

namespace productd {

namespace {

struct ServerAddress {
    std::string_view key;
    std::string_view user;
    std::string_view password;
    std::string_view chooser;  ///< The key that says whether its server is used, and the value that does.
    std::string_view choice;
    bool (*is_used)(const Config&);
};

constexpr std::array server_addresses{
    ServerAddress{"Kafka.Brokers", "Kafka.User", "Kafka.Password", "bus", "kafka", &log_is_kafka},
    ServerAddress{"MongoDB.URI", "MongoDB.User", "MongoDB.Password", "store", "mongodb",
                  [](const Config& config) { return mongo_server(config).has_value(); }},
    ServerAddress{"Redis.Address", "Redis.User", "Redis.Password", "cache", "redis", &cache_is_redis},
};

const ConfigKey& key_of(std::string_view path) { return *std::ranges::find(config_keys(), path, &ConfigKey::path); }

/// A file that lists everything, with its default, has chosen. One of the older service, which had no choice, has not.
bool is_idle(const LoadedConfig& loaded, const ServerAddress& address) {
    if (place_of(loaded, address.key) == "default") return false;
    const auto& key = key_of(address.key);
    const bool is_default = yaml_value(loaded.config, key, Show::plain) == yaml_value(Config{}, key, Show::plain);
    return !is_default || place_of(loaded, address.chooser) == "default";
}

/// What is set for a server that is not used; who is told of the address knows of the rest.
std::vector<std::string_view> idle_keys(const LoadedConfig& loaded, const ServerAddress& address) {
    if (address.is_used(loaded.config)) return {};
    if (is_idle(loaded, address)) return {address.key};
    std::vector<std::string_view> keys;
    for (const auto& key : {address.user, address.password}) {
        if (yaml_value(loaded.config, key_of(key), Show::plain) != yaml_value(Config{}, key_of(key), Show::plain)) {
            keys.push_back(key);
        }
    }
    return keys;
}

std::string no_passwords(const LoadedConfig& loaded, std::string_view key, std::string_view section) {
    return fmt::format(
        "{}: {} must be a host and a port alone; a user belongs to {}.User, a password to {}.Password or "
        "{}.PasswordFile.",
        place_of(loaded, key), key, section, section, section);
}

}  // namespace

const std::string& place_of(const LoadedConfig& loaded, std::string_view path) {
    return loaded.origins.at(static_cast<std::size_t>(&key_of(path) - config_keys().data()));
}

bool may_hold_password(std::string_view address) { return address.find_first_of("@?") != std::string_view::npos; }

ConfigFindings check_addresses(const LoadedConfig& loaded) {
    const auto& config = loaded.config;
    ConfigFindings found;
    if (may_hold_password(config.redis_address)) {
        found.errors.push_back(no_passwords(loaded, "Redis.Address", "Redis"));
    }
    if (std::ranges::any_of(config.kafka.connection.brokers, may_hold_password)) {
        found.errors.push_back(no_passwords(loaded, "Kafka.Brokers", "Kafka"));
    }
    for (const auto& address : server_addresses) {
        for (const auto& key : idle_keys(loaded, address)) {
            found.warnings.push_back(fmt::format("{}: {} is set, but nothing uses it; {}: {} does.",
                                                 place_of(loaded, key), key, address.chooser, address.choice));
        }
    }
    std::ranges::move(unused_credentials(loaded), std::back_inserter(found.warnings));
    if (log_is_kafka(config) && config.kafka.connection.mechanism == KafkaMechanism::plain &&
        !config.kafka.connection.tls) {
        found.warnings.push_back(
            fmt::format("{}: Kafka.Mechanism PLAIN sends Kafka.Password readable over the network; set Kafka.Security: "
                        "tls.",
                        place_of(loaded, "Kafka.Mechanism")));
    }
    return found;
}

}  // namespace productd
