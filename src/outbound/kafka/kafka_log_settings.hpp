// What a Kafka log is made from.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <string>

#include "app/events/topics.hpp"
#include "app/ports/engine_defaults.hpp"
#include "outbound/kafka/kafka_connection.hpp"

namespace productd {

struct KafkaLogSettings {
    KafkaConnection connection;
    TopicNames topics;                                  ///< Kafka.CreateTopic and so on: how large and how long-lived.
    std::string group = defaults::group;                ///< Kafka.GroupId: whose commits tell what is finished.
    std::string group_instance;                         ///< Kafka.GroupInstance; empty: membership is dynamic.
    std::chrono::milliseconds session_timeout{10'000};  ///< Kafka.SessionTimeout
    /// Between two calls of a member's thread; the brokers give its partitions to others when it is longer silent.
    std::chrono::milliseconds poll_interval_max{300'000};
    /// The worker is given Worker.DrainLimit for its calls and its commits besides; then the group goes on without it.
    std::chrono::milliseconds release_limit{30'000};
    std::chrono::milliseconds delivery_timeout{4'000};  ///< Kafka.DeliveryTimeout: of who waits for a record's end.
    std::chrono::milliseconds call_timeout{3'000};      ///< Any other question to the brokers.
    std::size_t queue_max = 1'024;                      ///< Kafka.QueueMax: such questions, and commits.
    std::int64_t buffer_bytes_max = 64 << 20;           ///< Kafka.BufferBytesMax: records not acknowledged yet.
    std::int64_t prefetch_bytes_max = 64 << 20;         ///< Kafka.PrefetchBytesMax: fetched ahead, all partitions.
    std::int32_t partitions = 3;                        ///< Log.Partitions, of a source.
    std::int32_t replicas = 2;                          ///< Kafka.Replicas, of topics that are made.
    std::int32_t in_sync_min = 1;                       ///< Kafka.MinInsyncReplicas, the same.
    std::chrono::milliseconds retention = defaults::retention;  ///< Log.Retention, of sources.
    /// Called once, from any thread, when librdkafka has failed for good: this process cannot go on.
    std::function<void(std::string why)> on_fatal = [](const std::string&) {};
};

}  // namespace productd
