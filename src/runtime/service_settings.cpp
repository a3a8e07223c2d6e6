// Fills in what the configuration cannot know, and gives a key to each module it is for. Calls engine and data_files.
#include "runtime/service_settings.hpp"

#include <algorithm>

#include "inbound/admin/admin_api.hpp"
#include "runtime/config/host_and_port.hpp"
#include "runtime/data_files.hpp"
#include "runtime/engine.hpp"

namespace productd {

namespace {

/// The longest a worker's commits take when it lets go of its partitions.
constexpr std::chrono::seconds commits_take{10};

GrpcAccessLog grpc_access_log(AccessLog access_log) {
    switch (access_log) {
        case AccessLog::all: return GrpcAccessLog::all;
        case AccessLog::failures: return GrpcAccessLog::failures;
        case AccessLog::off: return GrpcAccessLog::off;
    }
    std::unreachable();
}

}  // namespace

TopicNames topic_names(const Config& config) { return log_is_kafka(config) ? config.kafka.topics : TopicNames{}; }

std::string group_id(const Config& config) { return log_is_kafka(config) ? config.kafka.group : defaults::group; }

std::vector<TopicSpec> topic_specs(const Config& config) {
    std::vector<TopicSpec> specs;
    for (const auto& name : topic_names(config).all()) specs.push_back({name, config.kafka.partitions});
    return specs;
}

CatalogSettings catalog_settings(const Config& config) {
    auto settings = config.catalog;
    settings.topics = topic_names(config);
    return settings;
}

WorkerSettings worker_settings(const Config& config) {
    auto settings = config.worker;
    settings.group = group_id(config);
    settings.topics = topic_names(config);
    return settings;
}

SqliteLogSettings log_settings(const Config& config) {
    auto settings = config.log;
    settings.path = data_files(config).log;
    return settings;
}

KafkaLogSettings kafka_settings(const Config& config) {
    auto settings = config.kafka;
    settings.topics = topic_names(config);
    settings.release_limit = std::max(settings.release_limit, config.worker.drain_limit + commits_take);
    settings.poll_interval_max = std::max(settings.poll_interval_max, 2 * settings.release_limit);
    settings.retention = config.log.age_max;
    return settings;
}

SqliteStoreSettings store_settings(const Config& config) {
    auto settings = config.store;
    settings.path = data_files(config).store;
    return settings;
}

MongoStoreSettings mongo_settings(const Config& config) {
    MongoStoreSettings settings;
    settings.connection = config.mongo;
    settings.queue_max = config.mongo_queue_max;
    settings.tombstone_ttl = config.store.tombstone_ttl;
    settings.search_time_max = config.store.search_time_max;
    return settings;
}

Result<RedisCacheSettings> redis_cache_settings(const Config& config) {
    auto address = host_and_port(config.redis_address);
    if (!address) {
        return fail(invalid("Redis.Address must be a host and a port, such as localhost:6379."));
    }
    RedisCacheSettings settings;
    settings.redis = config.redis;
    settings.redis.host = std::move(address->host);
    settings.redis.port = std::move(address->port);
    settings.memory = config.cache;
    return settings;
}

HttpServerSettings http_settings(const Config& config, std::shared_ptr<TlsContext> tls,
                                 std::shared_ptr<ByteBudget> requests_bytes, std::shared_ptr<Tracer> tracer) {
    auto settings = config.http;
    settings.exchange.access_sample = config.logger.access;
    settings.tls = std::move(tls);
    settings.requests_bytes = std::move(requests_bytes);
    settings.answers_bytes = std::make_shared<ByteBudget>(config.answers_bytes_max);
    settings.tracer = std::move(tracer);
    return settings;
}

HttpServerSettings metrics_settings(const Config& config, std::shared_ptr<ByteBudget> requests_bytes) {
    auto settings = config.metrics;
    settings.requests_bytes = std::move(requests_bytes);
    return settings;
}

HttpServerSettings admin_settings(const Config& config) {
    auto settings = config.admin;
    settings.unix_socket = data_files(config).admin_socket;
    settings.limits.body_bytes_max = AdminApi::body_bytes_max;
    return settings;
}

GrpcServerSettings grpc_settings(const Config& config, const Certificate& certificate,
                                 std::shared_ptr<ByteBudget> requests_bytes, std::shared_ptr<Tracer> tracer) {
    auto settings = config.server;
    settings.requests_bytes = std::move(requests_bytes);
    settings.tracer = std::move(tracer);
    settings.certificate_file = certificate.cert_file;
    settings.private_key_file = certificate.key_file;
    settings.client_ca_file = config.tls.client_ca_file;
    settings.client_certificate_required = config.tls.client_certificates == ClientCertificates::required;
    settings.access_log = grpc_access_log(config.http.exchange.access_log);
    settings.access_sample = config.logger.access;
    return settings;
}

}  // namespace productd
