// Copies values; decides nothing.
#include "runtime/service_settings.hpp"

#include "inbound/admin/admin_api.hpp"

namespace productd {

namespace {

/// Those of a worker that lets go of its partitions, at most.
constexpr std::chrono::seconds commits_take{10};

AccessLog access_log(const std::string& text) {
    if (text == "all") return AccessLog::all;
    return text == "off" ? AccessLog::off : AccessLog::failures;
}

GrpcAccessLog grpc_access_log(const std::string& text) {
    if (text == "all") return GrpcAccessLog::all;
    return text == "off" ? GrpcAccessLog::off : GrpcAccessLog::failures;
}

}  // namespace

TopicNames topic_names(const Config& config) {
    const auto& kafka = config.kafka;
    if (config.engine.bus != "kafka") return {};
    return {kafka.create_topic, kafka.update_topic, kafka.delete_topic, kafka.dead_letter_topic,
            kafka.dead_letter_state_topic};
}

std::string group_id(const Config& config) {
    return config.engine.bus == "kafka" ? config.kafka.group_id : WorkerSettings{}.group;
}

CatalogSettings catalog_settings(const Config& config) {
    CatalogSettings settings;
    settings.topics = topic_names(config);
    settings.apply_wait = config.http.apply_wait;
    settings.product_bytes_max = config.limits.product_bytes_max;
    settings.search_count_max = config.search.count_max;
    return settings;
}

WorkerSettings worker_settings(const Config& config) {
    const auto& worker = config.worker;
    WorkerSettings settings;
    settings.group = group_id(config);
    settings.topics = topic_names(config);
    settings.parallelism = worker.parallelism;
    settings.batch_max = worker.batch_max;
    settings.in_flight_max = worker.in_flight_max;
    settings.in_flight_bytes_max = worker.in_flight_bytes_max;
    settings.not_found_wait = worker.not_found_wait;
    settings.parked_max = worker.parked_max;
    settings.parked_bytes_max = worker.parked_bytes_max;
    settings.item_attempts_max = static_cast<int>(worker.item_attempts_max);
    settings.item_retry_limit = worker.item_retry_limit;
    settings.call_timeout = worker.call_timeout;
    settings.drain_limit = worker.drain_limit;
    settings.commit_interval = worker.commit_interval;
    settings.breaker.backoff = {worker.backoff_min, worker.backoff_max};
    return settings;
}

SqliteLogSettings log_settings(const Config& config) {
    SqliteLogSettings settings;
    settings.path = std::filesystem::path(config.data.dir) / "log.db";
    settings.log_bytes_max = static_cast<std::int64_t>(config.log.bytes_max);
    settings.age_max = config.log.retention;
    settings.record_bytes_max = static_cast<std::int64_t>(config.log.message_bytes_max);
    settings.kept_topics.front().bytes_max = static_cast<std::int64_t>(config.log.dead_letter_reserve);
    return settings;
}

KafkaLogSettings kafka_settings(const Config& config) {
    const auto& kafka = config.kafka;
    KafkaLogSettings settings;
    settings.connection = {.brokers = kafka.brokers,
                           .client_id = kafka.client_id,
                           .tls = kafka.security == "tls",
                           .mechanism = kafka.mechanism == "none" ? std::string() : kafka.mechanism,
                           .user = kafka.user,
                           .password = kafka.password,
                           .ca_file = kafka.tls_ca_file,
                           .certificate_file = kafka.tls_cert_file,
                           .key_file = kafka.tls_key_file};
    settings.topics = topic_names(config);
    settings.group = kafka.group_id;
    settings.group_instance = kafka.group_instance;
    settings.session_timeout = kafka.session_timeout;
    settings.release_limit = std::max(settings.release_limit, config.worker.drain_limit + commits_take);
    settings.poll_interval_max = std::max(settings.poll_interval_max, 2 * settings.release_limit);
    settings.delivery_timeout = kafka.delivery_timeout;
    settings.buffer_bytes_max = static_cast<std::int64_t>(kafka.buffer_bytes_max);
    settings.partitions = static_cast<std::int32_t>(config.log.partitions);
    settings.prefetch_bytes_max = static_cast<std::int64_t>(kafka.prefetch_bytes_max);
    settings.replicas = kafka.replicas;
    settings.in_sync_min = kafka.min_in_sync_replicas;
    settings.retention = config.log.retention;
    return settings;
}

SqliteStoreSettings store_settings(const Config& config) {
    SqliteStoreSettings settings;
    settings.path = std::filesystem::path(config.data.dir) / "store.db";
    settings.reader_threads = config.store.reader_threads;
    settings.tombstone_ttl = config.store.tombstone_ttl;
    settings.search_time_max = config.search.time_max;
    return settings;
}

MongoStoreSettings mongo_settings(const Config& config) {
    const auto& mongo = config.mongo;
    MongoStoreSettings settings;
    settings.connection = {.uri = mongo.uri,
                           .user = mongo.user,
                           .password = mongo.password,
                           .database = mongo.db,
                           .pool_size = mongo.pool_size,
                           .connect_timeout = mongo.connect_timeout,
                           .socket_timeout = mongo.socket_timeout,
                           .server_selection_timeout = mongo.server_selection_timeout};
    settings.tombstone_ttl = config.store.tombstone_ttl;
    settings.search_time_max = config.search.time_max;
    return settings;
}

MemoryCacheSettings cache_settings(const Config& config) {
    MemoryCacheSettings settings;
    settings.bytes_max = config.cache.bytes_max;
    settings.ttl = config.cache.ttl;
    settings.negative_ttl = config.cache.negative_ttl;
    return settings;
}

Result<RedisCacheSettings> redis_cache_settings(const Config& config) {
    const auto& redis = config.redis;
    const auto colon = redis.address.rfind(':');
    if (colon == std::string::npos || colon == 0 || colon + 1 == redis.address.size()) {
        return fail(invalid("Redis.Address is " + redis.address + "; give a host and a port, such as localhost:6379."));
    }
    RedisSettings settings;
    settings.host = redis.address.substr(0, colon);
    if (settings.host.front() == '[' && settings.host.back() == ']') {  // IPv6.
        settings.host = settings.host.substr(1, settings.host.size() - 2);
    }
    settings.port = redis.address.substr(colon + 1);
    settings.user = redis.user;
    settings.password = redis.password;
    settings.database = redis.db;
    settings.tls = redis.tls == "on";
    settings.ca_file = redis.tls_ca_file;
    settings.certificate_file = redis.tls_cert_file;
    settings.key_file = redis.tls_key_file;
    settings.timeout = redis.timeout;
    RedisCacheSettings cache;
    cache.redis = std::move(settings);
    cache.memory = cache_settings(config);
    return cache;
}

HttpServerSettings http_settings(const Config& config, std::shared_ptr<TlsContext> tls) {
    const auto& http = config.http;
    HttpServerSettings settings;
    settings.name = "api";
    settings.host = http.address;
    settings.port = http.port;
    settings.tls = std::move(tls);
    settings.limits.header_bytes_max = config.limits.header_bytes_max;
    settings.limits.body_bytes_max = config.limits.body_bytes_max;
    settings.limits.connections_max = http.connections_max;
    settings.timeouts.handshake = http.handshake_timeout;
    settings.timeouts.header = http.header_timeout;
    settings.timeouts.body = http.body_timeout;
    settings.timeouts.idle = http.idle_timeout;
    settings.timeouts.write = http.write_timeout;
    settings.timeouts.request = http.timeout;
    settings.exchange.cors_origins = http.cors_origins;
    settings.exchange.access_log = access_log(http.access_log);
    return settings;
}

HttpServerSettings metrics_settings(const Config& config) {
    HttpServerSettings settings;
    settings.name = "metrics";
    settings.host = config.metrics.address;
    settings.port = config.metrics.port;
    settings.address_setting = "--metrics-port";
    settings.limits.connections_max = 64;
    settings.exchange.access_log = AccessLog::off;
    settings.exchange.request_metrics = HttpRequestMetrics::off;
    return settings;
}

HttpServerSettings admin_settings(const Config& config) {
    HttpServerSettings settings;
    settings.name = "admin";
    settings.unix_socket = std::filesystem::path(config.data.dir) / "admin.sock";
    settings.address_setting = "--data-dir";
    settings.limits.connections_max = 16;
    settings.limits.body_bytes_max = AdminApi::body_bytes_max;
    settings.timeouts.request = std::chrono::minutes(1);
    settings.exchange.access_log = AccessLog::off;
    settings.exchange.request_metrics = HttpRequestMetrics::off;
    return settings;
}

GrpcServerSettings grpc_settings(const Config& config, const Certificate& certificate) {
    const auto& server = config.server;
    GrpcServerSettings settings;
    settings.address = server.address;
    settings.port = server.port;
    settings.certificate_file = certificate.cert_file;
    settings.private_key_file = certificate.key_file;
    settings.threads = server.threads;
    settings.calls_in_flight_max = server.calls_max;
    settings.receive_bytes_max = server.message_bytes_max;
    settings.deadline_default = server.timeout;
    settings.connection_idle_max = server.max_connection_idle;
    settings.connection_age_max = server.max_connection_age;
    settings.keepalive_time = server.keepalive_time;
    settings.keepalive_timeout = server.keepalive_timeout;
    settings.access_log = grpc_access_log(config.http.access_log);
    return settings;
}

std::vector<TopicSpec> topic_specs(const Config& config) {
    std::vector<TopicSpec> specs;
    for (const auto& name : topic_names(config).all()) specs.push_back({name, config.log.partitions});
    return specs;
}

}  // namespace productd
