// Everything a user can set, in one checked struct, and where it comes from: flags, environment, a YAML file, defaults.
#pragma once

#include <chrono>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "app/catalog/catalog_settings.hpp"
#include "app/feed/feed_settings.hpp"
#include "app/worker/core/worker_settings.hpp"
#include "domain/result.hpp"
#include "inbound/grpc/grpc_settings.hpp"
#include "inbound/http/http_settings.hpp"
#include "inbound/rest/rest_settings.hpp"
#include "outbound/kafka/kafka_log_settings.hpp"
#include "outbound/memory/memory_cache_settings.hpp"
#include "outbound/mongo/mongo_settings.hpp"
#include "outbound/redis/redis_settings.hpp"
#include "outbound/sqlite/log/sqlite_log_settings.hpp"
#include "outbound/sqlite/store/sqlite_store_settings.hpp"
#include "runtime/config/engines.hpp"
#include "runtime/config/tracing_config.hpp"
#include "telemetry/access_sample.hpp"
#include "telemetry/log.hpp"

namespace productd {

/// The listener of /metrics, without TLS.
inline HttpServerSettings metrics_listener() {
    HttpServerSettings settings;
    settings.name = "metrics";
    settings.port = 7070;
    settings.host_setting = "Metrics.Address";
    settings.address_setting = "--metrics-port";
    settings.limits.connections_max = 64;
    settings.timeouts.idle = std::chrono::minutes(2);  // Longer than the pause between two scrapes.
    settings.exchange.access_log = AccessLog::off;
    settings.exchange.request_metrics = HttpRequestMetrics::off;
    return settings;
}

/// The socket in the data folder through which this program's commands reach the service.
inline HttpServerSettings admin_listener() {
    HttpServerSettings settings;
    settings.name = "admin";
    settings.address_setting = "--data-dir";
    settings.limits.connections_max = 16;
    settings.timeouts.request = std::chrono::minutes(1);
    settings.timeouts.idle = std::chrono::minutes(2);
    settings.exchange.access_log = AccessLog::off;
    settings.exchange.request_metrics = HttpRequestMetrics::off;
    return settings;
}

struct DataConfig {
    std::string dir = "./data";
};

/// Of REST and gRPC, where Tls.ClientCaFile is set.
enum class ClientCertificates { required, optional };

constexpr std::string_view name(ClientCertificates certificates) {
    switch (certificates) {
        case ClientCertificates::required: return "required";
        case ClientCertificates::optional: return "optional";
    }
    std::unreachable();
}

struct TlsConfig {
    std::string cert_file = "ssl/server.crt";
    std::string key_file = "ssl/server.pem";
    std::string client_ca_file;
    ClientCertificates client_certificates = ClientCertificates::required;
};

enum class LogEncoding {
    terminal,  ///< `auto`: text on a terminal, JSON elsewhere.
    json,
    console,
};

constexpr std::string_view name(LogEncoding encoding) {
    switch (encoding) {
        case LogEncoding::terminal: return "auto";
        case LogEncoding::json: return "json";
        case LogEncoding::console: return "console";
    }
    std::unreachable();
}

struct LoggerConfig {
    log::Level level = log::Level::info;
    LogEncoding encoding = LogEncoding::terminal;
    std::size_t queue_lines_max = log::queue_lines_max;
    AccessSample access;  ///< Of REST and gRPC.
};

struct ShutdownConfig {
    std::chrono::milliseconds timeout = std::chrono::seconds(15);
    std::chrono::milliseconds lame_duck{0};  ///< Shutdown.LameDuck, a part of the time-out.
};

/// What readiness says while the store does not answer.
enum class StoreDown {
    fail,     ///< Not ready.
    degrade,  ///< Ready as long as the log takes writes.
};

constexpr std::string_view name(StoreDown answer) {
    switch (answer) {
        case StoreDown::fail: return "fail";
        case StoreDown::degrade: return "degrade";
    }
    std::unreachable();
}

struct HealthConfig {
    StoreDown store_down = StoreDown::fail;
};

/// The settings of every module, with its defaults. What is known only at run time (paths in the data folder, the
/// certificate) is filled in by service_settings.
struct Config {
    EngineConfig engine;
    GrpcServerSettings server;
    HttpServerSettings http{.port = 5007};
    std::size_t io_threads = 2;  ///< Http.Threads: event loops that serve REST.
    HttpServerSettings metrics = metrics_listener();
    RestSettings rest;
    HttpServerSettings admin = admin_listener();
    std::size_t requests_bytes_max = 128 * 1024 * 1024;  ///< Limits.requests_bytes_max, of all listeners together.
    std::size_t answers_bytes_max = 128 * 1024 * 1024;   ///< Limits.answers_bytes_max
    CatalogSettings catalog;
    FeedSettings feed;
    WorkerSettings worker;
    std::chrono::milliseconds oldest_unfinished_max = std::chrono::minutes(30);  ///< Worker.OldestUnfinishedMax
    SqliteLogSettings log;  ///< The embedded event log, not the log lines.
    SqliteStoreSettings store;
    MemoryCacheSettings cache;
    DataConfig data;
    TlsConfig tls;
    LoggerConfig logger;
    TracingConfig tracing;
    ShutdownConfig shutdown;
    HealthConfig health;
    KafkaLogSettings kafka;
    MongoConnection mongo;
    std::size_t mongo_queue_max = MongoStoreSettings{}.queue_max;  ///< MongoDB.QueueMax
    RedisSettings redis;
    std::string redis_address = RedisSettings{}.address();  ///< Redis.Address, from which come host and port.
};

/// A value given on the command line: `{"--http-port", "Http.Port", "0"}`.
struct FlagValue {
    std::string flag;
    std::string key;
    std::string value;
};

/// Where values come from; the first that gives one wins: flags, environment, file, default.
struct ConfigSources {
    std::vector<FlagValue> flags;
    std::vector<std::pair<std::string, std::string>> environment;
    std::optional<std::filesystem::path> file;  ///< `--config`; else `PRODUCTD_CONFIG`; else none is read.
    std::filesystem::path working_dir = ".";    ///< Where `MODE=DOCKER` looks for config/config-docker.yml.
};

struct LoadedConfig {
    Config config;
    std::vector<std::string> origins;   ///< One for each of config_keys(), in its order: `default`, `config.yaml:12`.
    std::vector<std::string> warnings;  ///< Sentences: unknown keys, odd combinations.
    std::vector<std::string> notes;     ///< Sentences: what of an older file was passed over.
};

/// Reads and checks everything at once. Fails with invalid_argument; the detail has one line for each wrong value that
/// names its place, the key, the value given and what is allowed. Secrets appear in no message.
Result<LoadedConfig> load_config(const ConfigSources& sources);

/// The variables of this process.
std::vector<std::pair<std::string, std::string>> process_environment();

}  // namespace productd
