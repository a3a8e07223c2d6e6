// Three brokers in this process: librdkafka's own mock cluster, spoken to over loopback like any other.
#pragma once

#include <librdkafka/rdkafka.h>
// It wants the other before it.
#include <librdkafka/rdkafka_mock.h>

#include <stdexcept>

#include "outbound/kafka/kafka_client.hpp"
#include "outbound/kafka/kafka_log_settings.hpp"

namespace productd::test {

/// It knows produce, fetch, groups and offsets, makes topics as they are asked for, and drops no messages.
class KafkaMockCluster {
public:
    KafkaMockCluster() {
        auto client = KafkaProperties(KafkaConnection{.brokers = {"127.0.0.1:1"}}).open(RD_KAFKA_PRODUCER);
        if (!client) throw std::runtime_error(client.error().detail);
        client_ = std::move(*client);
        cluster_ = rd_kafka_mock_cluster_new(client_.get(), 3);
    }
    ~KafkaMockCluster() { rd_kafka_mock_cluster_destroy(cluster_); }
    KafkaMockCluster(const KafkaMockCluster&) = delete;
    KafkaMockCluster& operator=(const KafkaMockCluster&) = delete;

    KafkaLogSettings settings() const {
        KafkaLogSettings settings;
        settings.connection.brokers = {rd_kafka_mock_cluster_bootstraps(cluster_)};
        // A member that joins again after a kill waits for the end of its former self's session.
        settings.session_timeout = std::chrono::milliseconds{5'000};
        return settings;
    }
    void make(const std::string& topic, int partitions) {
        constexpr int replicas = 3;
        rd_kafka_mock_topic_create(cluster_, topic.c_str(), partitions, replicas);
    }
    rd_kafka_mock_cluster_t* raw() { return cluster_; }

private:
    KafkaHandle client_;
    rd_kafka_mock_cluster_t* cluster_ = nullptr;
};

}  // namespace productd::test
