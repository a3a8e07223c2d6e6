// From the configuration to each part's settings: the one place where both are named.
#pragma once

#include "app/catalog/catalog.hpp"
#include "app/worker/message_worker.hpp"
#include "inbound/grpc/grpc_server.hpp"
#include "inbound/http/http_settings.hpp"
#include "outbound/kafka/kafka_log_settings.hpp"
#include "outbound/memory/memory_product_cache.hpp"
#include "outbound/mongo/mongo_product_store.hpp"
#include "outbound/redis/redis_product_cache.hpp"
#include "outbound/sqlite/log/sqlite_log_settings.hpp"
#include "outbound/sqlite/store/sqlite_product_store.hpp"
#include "runtime/certificate.hpp"
#include "runtime/config/config.hpp"

namespace productd {

/// Of the configuration with bus: kafka, and the contract's otherwise; the group alike.
TopicNames topic_names(const Config& config);
std::string group_id(const Config& config);
CatalogSettings catalog_settings(const Config& config);
WorkerSettings worker_settings(const Config& config);
SqliteLogSettings log_settings(const Config& config);
KafkaLogSettings kafka_settings(const Config& config);
SqliteStoreSettings store_settings(const Config& config);
MongoStoreSettings mongo_settings(const Config& config);
MemoryCacheSettings cache_settings(const Config& config);
/// Fails with invalid_argument when Redis.Address is not host:port.
Result<RedisCacheSettings> redis_cache_settings(const Config& config);
HttpServerSettings http_settings(const Config& config, std::shared_ptr<TlsContext> tls);
/// The listener for /metrics without TLS.
HttpServerSettings metrics_settings(const Config& config);
/// The Unix socket in the data folder, for this program's commands.
HttpServerSettings admin_settings(const Config& config);
GrpcServerSettings grpc_settings(const Config& config, const Certificate& certificate);
/// The topics of the contract.
std::vector<TopicSpec> topic_specs(const Config& config);

}  // namespace productd
