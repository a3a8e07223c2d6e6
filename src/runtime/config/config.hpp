// Everything a user can set, in one checked struct, and where it comes from: flags, environment, a YAML file, defaults.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "domain/result.hpp"

namespace productd {

struct EngineConfig {              // The top level of the file.
    std::string bus = "sqlite";    ///< sqlite or kafka.
    std::string store = "sqlite";  ///< sqlite or mongodb.
    std::string cache = "memory";  ///< memory or redis.
};

struct ServerConfig {  // gRPC
    std::string address = "127.0.0.1";
    std::uint16_t port = 5000;
    std::chrono::milliseconds timeout = std::chrono::seconds(5);
    std::chrono::milliseconds max_connection_idle = std::chrono::minutes(5);  ///< 0: no limit.
    std::chrono::milliseconds max_connection_age = std::chrono::minutes(5);   ///< 0: no limit.
    std::chrono::milliseconds keepalive_time = std::chrono::minutes(10);
    std::chrono::milliseconds keepalive_timeout = std::chrono::seconds(15);
    std::size_t message_bytes_max = 4 << 20;
    std::size_t calls_max = 1'000;
    std::size_t threads = 2;
};

struct HttpConfig {  // REST
    std::string address = "127.0.0.1";
    std::uint16_t port = 5007;
    std::chrono::milliseconds timeout = std::chrono::seconds(5);
    std::chrono::milliseconds header_timeout = std::chrono::seconds(10);
    std::chrono::milliseconds body_timeout = std::chrono::seconds(30);
    std::chrono::milliseconds idle_timeout = std::chrono::seconds(60);
    std::chrono::milliseconds write_timeout = std::chrono::seconds(30);
    std::chrono::milliseconds handshake_timeout = std::chrono::seconds(10);
    std::chrono::milliseconds apply_wait = std::chrono::seconds(2);
    std::size_t connections_max = 4'096;
    std::string access_log = "all";  ///< all, failures or off.
    std::vector<std::string> cors_origins = {"*"};
    std::size_t threads = 2;
};

struct MetricsConfig {
    std::string address = "127.0.0.1";
    std::uint16_t port = 7070;
};

struct LimitsConfig {
    std::size_t body_bytes_max = 2 << 20;
    std::size_t header_bytes_max = 1 << 20;
    std::size_t product_bytes_max = 256 << 10;
};

struct SearchConfig {
    std::int64_t count_max = 10'000;
    std::chrono::milliseconds time_max = std::chrono::seconds(2);
};

struct WorkerConfig {
    std::size_t parallelism = 4;
    std::size_t batch_max = 1'000;
    std::size_t in_flight_max = 10'000;
    std::size_t in_flight_bytes_max = 16 << 20;
    std::chrono::milliseconds not_found_wait = std::chrono::seconds(30);
    std::size_t parked_max = 1'000;
    std::size_t parked_bytes_max = 4 << 20;
    std::chrono::milliseconds item_retry_limit = std::chrono::minutes(15);
    std::size_t item_attempts_max = 20;
    std::chrono::milliseconds backoff_min = std::chrono::milliseconds(50);
    std::chrono::milliseconds backoff_max = std::chrono::seconds(5);
    std::chrono::milliseconds call_timeout = std::chrono::seconds(5);
    std::chrono::milliseconds drain_limit = std::chrono::seconds(3);
    std::chrono::milliseconds oldest_unfinished_max = std::chrono::minutes(30);
    std::chrono::milliseconds commit_interval = std::chrono::milliseconds(100);
};

struct LogConfig {  // The event log, not the log lines.
    std::size_t bytes_max = std::size_t{4} << 30;
    std::chrono::milliseconds retention = std::chrono::days(7);
    std::size_t dead_letter_reserve = 256 << 20;
    std::int32_t partitions = 3;
    std::size_t message_bytes_max = 4 << 20;
};

struct StoreConfig {
    std::chrono::milliseconds tombstone_ttl = std::chrono::days(8);
    std::size_t reader_threads = 2;
};

struct CacheConfig {
    std::size_t bytes_max = 16 << 20;
    std::chrono::milliseconds ttl = std::chrono::seconds(3'600);
    std::chrono::milliseconds negative_ttl = std::chrono::seconds(5);
};

struct DataConfig {
    std::string dir = "./data";
};

struct TlsConfig {
    std::string cert_file = "ssl/server.crt";
    std::string key_file = "ssl/server.pem";
};

struct LoggerConfig {
    std::string level = "info";     ///< debug, info, warn or error.
    std::string encoding = "auto";  ///< auto, json or console.
};

struct ShutdownConfig {
    std::chrono::milliseconds timeout = std::chrono::seconds(15);
};

struct KafkaConfig {
    std::vector<std::string> brokers = {"localhost:9092"};
    std::string client_id = "productd";
    std::string group_id = "products_group";
    std::string group_instance;
    std::string security = "plaintext";  ///< plaintext or tls.
    std::string mechanism = "none";      ///< none, PLAIN, SCRAM-SHA-256 or SCRAM-SHA-512.
    std::string user;
    std::string password;
    std::string tls_ca_file;
    std::string tls_cert_file;
    std::string tls_key_file;
    std::int32_t replicas = 2;
    std::int32_t min_in_sync_replicas = 1;
    std::chrono::milliseconds session_timeout = std::chrono::seconds(10);
    std::chrono::milliseconds delivery_timeout = std::chrono::seconds(4);
    std::size_t buffer_bytes_max = 64 << 20;
    std::size_t prefetch_bytes_max = 64 << 20;
    std::string create_topic = "create-product";
    std::string update_topic = "update-product";
    std::string delete_topic = "delete-product";
    std::string dead_letter_topic = "dead-letter-queue";
    std::string dead_letter_state_topic = "dead-letter-state";
};

struct MongoConfig {
    std::string uri = "mongodb://localhost:27017";
    std::string user;
    std::string password;
    std::string db = "products";
    std::size_t pool_size = 16;
    std::chrono::milliseconds connect_timeout = std::chrono::seconds(5);
    std::chrono::milliseconds socket_timeout = std::chrono::seconds(30);
    std::chrono::milliseconds server_selection_timeout = std::chrono::seconds(3);
};

struct RedisConfig {
    std::string address = "localhost:6379";
    std::string user;
    std::string password;
    std::int64_t db = 0;
    std::string tls = "off";  ///< off or on.
    std::string tls_ca_file;
    std::string tls_cert_file;
    std::string tls_key_file;
    std::chrono::milliseconds timeout = std::chrono::milliseconds(250);
};

struct Config {
    EngineConfig engine;
    ServerConfig server;
    HttpConfig http;
    MetricsConfig metrics;
    LimitsConfig limits;
    SearchConfig search;
    WorkerConfig worker;
    LogConfig log;
    StoreConfig store;
    CacheConfig cache;
    DataConfig data;
    TlsConfig tls;
    LoggerConfig logger;
    ShutdownConfig shutdown;
    KafkaConfig kafka;
    MongoConfig mongo;
    RedisConfig redis;
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
    std::vector<std::string> origins;   ///< Of each key of config_keys(), in its order: `default`, `config.yaml:12`, …
    std::vector<std::string> warnings;  ///< Sentences: unknown keys, odd combinations.
    std::vector<std::string> notes;     ///< Sentences: what of an older file was passed over.
};

/// Reads and checks everything at once. Fails with invalid_argument; the detail has one line for each wrong value that
/// names its place, the key, the value given and what is allowed. Secrets appear in no message.
Result<LoadedConfig> load_config(const ConfigSources& sources);

/// The variables of this process.
std::vector<std::pair<std::string, std::string>> process_environment();

}  // namespace productd
