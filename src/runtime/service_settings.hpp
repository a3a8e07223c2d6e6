// The settings of each module, with what is known only now: paths, the certificate, what follows from two keys.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "app/ports/message_log.hpp"
#include "async/byte_budget.hpp"
#include "outbound/redis/redis_product_cache.hpp"
#include "runtime/certificate/certificate.hpp"
#include "runtime/config/config.hpp"

namespace productd {

/// As configured with bus: kafka, else the contract's; the group alike.
TopicNames topic_names(const Config& config);
std::string group_id(const Config& config);
/// The topics the service needs.
std::vector<TopicSpec> topic_specs(const Config& config);

CatalogSettings catalog_settings(const Config& config);
WorkerSettings worker_settings(const Config& config);
SqliteLogSettings log_settings(const Config& config);
KafkaLogSettings kafka_settings(const Config& config);
SqliteStoreSettings store_settings(const Config& config);
MongoStoreSettings mongo_settings(const Config& config);
/// Fails with invalid_argument when Redis.Address is not host:port.
Result<RedisCacheSettings> redis_cache_settings(const Config& config);
/// `requests_bytes` bounds what requests of all listeners occupy together.
HttpServerSettings http_settings(const Config& config, std::shared_ptr<TlsContext> tls,
                                 std::shared_ptr<ByteBudget> requests_bytes, std::shared_ptr<Tracer> tracer);
HttpServerSettings metrics_settings(const Config& config, std::shared_ptr<ByteBudget> requests_bytes);
/// The Unix socket in the data folder, for this program's commands.
HttpServerSettings admin_settings(const Config& config);
GrpcServerSettings grpc_settings(const Config& config, const Certificate& certificate,
                                 std::shared_ptr<ByteBudget> requests_bytes, std::shared_ptr<Tracer> tracer);

}  // namespace productd
