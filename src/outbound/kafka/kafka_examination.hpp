// What `productd doctor` and `topics create` want to know of the topics on Kafka.
#pragma once

#include <map>

#include "outbound/kafka/kafka_client.hpp"
#include "outbound/kafka/kafka_log_settings.hpp"

namespace productd {

struct KafkaTopicExamination {
    std::string topic;
    std::int32_t partitions = 0;  ///< 0: there is no such topic.
    std::int32_t replicas = 0;    ///< In the partition with the fewest.
    std::int32_t in_sync = 0;     ///< Replicas that are now; of the partition with the fewest.
    bool are_in_sync = true;      ///< All replicas of all partitions, now.
    std::string unread;           ///< Why the settings are not known; empty: they are.
    std::map<std::string, std::string> settings;

    std::string setting(const std::string& name) const {
        const auto found = settings.find(name);
        return found == settings.end() ? std::string() : found->second;
    }
};

struct KafkaExamination {
    std::int32_t brokers = 0;
    std::vector<KafkaTopicExamination> topics;  ///< The five of KafkaLogSettings::topics, in the contract's order.
};

/// Asks the brokers. Blocks for some seconds at most; fails with unavailable when they do not answer or do not let us
/// in. Topics whose settings we may not read are no failure.
Result<KafkaExamination> examine_kafka(const KafkaLogSettings& settings);

/// How many members a consumer group has now. Blocks and fails as examine_kafka.
Result<std::size_t> members_of_group(const KafkaLogSettings& settings, const std::string& group);

/// What a topic of the contract is made with: Kafka's names of settings and their values.
std::map<std::string, std::string> wanted_settings(const std::string& topic, const KafkaLogSettings& settings);

/// A sentence for each thing in which a topic differs from what it would be made as.
std::vector<std::string> differences(const KafkaTopicExamination& topic, std::int32_t partitions,
                                     const KafkaLogSettings& settings);

}  // namespace productd
