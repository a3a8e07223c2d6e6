// The brokers of `make stack-up`, and names that are of one test alone.
#pragma once

#include <atomic>
#include <chrono>

#include "outbound/kafka/kafka_message_log.hpp"
#include "outbound/kafka/kafka_topics.hpp"
#include "stack/stack_server.hpp"

namespace productd::test {

inline KafkaLogSettings kafka_settings() {
    KafkaLogSettings settings;
    settings.connection.brokers.clear();
    for (const auto& [name, variable] : {std::pair{"kafka1", "PRODUCTD_STACK_KAFKA1_PORT"},
                                         {"kafka2", "PRODUCTD_STACK_KAFKA2_PORT"},
                                         {"kafka3", "PRODUCTD_STACK_KAFKA3_PORT"}}) {
        const auto port = stack_port(name, variable);
        if (!port.empty()) settings.connection.brokers.push_back("127.0.0.1:" + port);
    }
    settings.session_timeout = std::chrono::milliseconds{6'000};
    settings.replicas = 3;
    settings.in_sync_min = 2;
    return settings;
}

inline bool kafka_answers() {
    const auto settings = kafka_settings();
    if (settings.connection.brokers.empty()) return false;
    auto client = KafkaProperties(settings.connection).open(RD_KAFKA_CONSUMER);
    return client && KafkaAdmin(settings, client->get()).check().has_value();
}

inline void make_topics(const KafkaLogSettings& settings, const std::vector<TopicSpec>& topics) {
    auto client = KafkaProperties(settings.connection).set("group.id", settings.group).open(RD_KAFKA_CONSUMER);
    if (!client) throw std::runtime_error(client.error().detail);
    const KafkaAdmin admin(settings, client->get());
    const auto made = KafkaTopics(settings, client->get(), admin).create(topics);
    if (!made) throw std::runtime_error(made.error().detail + made.error().cause);
}

/// With three partitions.
inline void make_topic(const KafkaLogSettings& settings, const std::string& topic) {
    make_topics(settings, {{topic, 3}});
}

/// A prefix for topics and groups.
inline std::string own_prefix() {
    static std::atomic<int> made{0};
    const auto now = std::chrono::system_clock::now().time_since_epoch().count();
    return "test-" + std::to_string(now) + "-" + std::to_string(++made) + "-";
}

}  // namespace productd::test
