// A connection to Kafka and what is said of it: settings, errors, and librdkafka's objects as values that free
// themselves.
#pragma once

#include <librdkafka/rdkafka.h>

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "domain/position.hpp"
#include "domain/result.hpp"
#include "outbound/destroyed_by.hpp"
#include "outbound/kafka/kafka_connection.hpp"

namespace productd {

using KafkaHandle = std::unique_ptr<rd_kafka_t, DestroyedBy<rd_kafka_destroy>>;
using KafkaTopic = std::unique_ptr<rd_kafka_topic_t, DestroyedBy<rd_kafka_topic_destroy>>;
using KafkaQueue = std::unique_ptr<rd_kafka_queue_t, DestroyedBy<rd_kafka_queue_destroy>>;
using KafkaPartitions =
    std::unique_ptr<rd_kafka_topic_partition_list_t, DestroyedBy<rd_kafka_topic_partition_list_destroy>>;
using KafkaEvent = std::unique_ptr<rd_kafka_event_t, DestroyedBy<rd_kafka_event_destroy>>;
using KafkaFailure = std::unique_ptr<rd_kafka_error_t, DestroyedBy<rd_kafka_error_destroy>>;
using KafkaMessage = std::unique_ptr<rd_kafka_message_t, DestroyedBy<rd_kafka_message_destroy>>;

KafkaPartitions kafka_partitions(const std::vector<TopicPartition>& sources);

/// What an error of librdkafka or of a broker means here, and which setting would change it. The one place where they
/// are translated; `cause` is more for the log.
Error kafka_error(rd_kafka_resp_err_t code, const std::string& cause = {});

/// Why a client has failed for good, when that is what its error callback was told; nothing for what mends itself.
std::optional<std::string> fatal_error(rd_kafka_t* client, int code, const char* why);

/// How a client is to be made. The last properties of a name win.
class KafkaProperties {
public:
    explicit KafkaProperties(const KafkaConnection& connection);

    KafkaProperties& set(const std::string& name, const std::string& value);
    KafkaProperties& set(const std::string& name, std::int64_t value) { return set(name, std::to_string(value)); }
    /// For setting callbacks, before open().
    rd_kafka_conf_t* raw() { return properties_.get(); }
    /// Connects to nothing yet. Fails with invalid_argument, naming what librdkafka does not accept.
    Result<KafkaHandle> open(rd_kafka_type_t type);

private:
    std::unique_ptr<rd_kafka_conf_t, DestroyedBy<rd_kafka_conf_destroy>> properties_{rd_kafka_conf_new()};
    std::optional<Error> error_;
};

}  // namespace productd
