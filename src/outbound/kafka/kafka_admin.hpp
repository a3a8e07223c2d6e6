// Asks the brokers about topics, groups and offsets. Every call blocks: use it on a pool's threads.
#pragma once

#include <map>
#include <mutex>
#include <set>

#include "app/ports/message_log.hpp"
#include "outbound/kafka/kafka_client.hpp"
#include "outbound/kafka/kafka_log_settings.hpp"

namespace productd {

/// Thread-safe. The client outlives it; commits() needs one of a consumer with a group of its own, and of that group
/// knows the topics of the settings, and those that were asked about.
class KafkaAdmin {
public:
    KafkaAdmin(const KafkaLogSettings& settings, rd_kafka_t* client) : settings_(settings), client_(client) {}

    /// Those of the named topics that there are; none named: all but Kafka's own.
    Result<std::vector<TopicInfo>> describe(const std::vector<std::string>& topics) const;
    /// Their partitions, in order.
    Result<std::vector<TopicPartition>> partitions_of(const std::vector<std::string>& topics) const;
    /// Begin and end of partitions, in the order given. Fails when one of them cannot be told.
    Result<std::vector<PartitionInfo>> offsets(const std::vector<TopicPartition>& sources) const;
    Result<std::vector<std::pair<TopicPartition, Commit>>> commits(const std::string& group) const;
    Result<> trim(const TopicPartition& source, std::int64_t before) const;
    /// Which broker leads each partition of a topic, -1 where none does; not_found when there is no such topic.
    Result<std::vector<std::int32_t>> leaders_of(const std::string& topic) const;
    using Leaders = std::map<std::string, std::vector<std::int32_t>>;
    /// The same of several, in one question; without those that there are not, once brokers had time to hear of them.
    Result<Leaders> leaders_of(const std::set<std::string>& topics) const;
    /// Whether a broker answers, and each topic this client has used can be written to, in part at least.
    Result<> check() const;

private:
    Result<std::vector<std::pair<TopicPartition, Commit>>> commits_of_own_group() const;
    Result<std::vector<std::pair<TopicPartition, Commit>>> commits_of(
        const std::string& group, const rd_kafka_topic_partition_list_t* asked) const;
    bool is_used(const std::string& topic) const;
    void use(const std::string& topic) const;

    const KafkaLogSettings& settings_;
    rd_kafka_t* client_;
    mutable std::mutex mutex_;
    mutable std::map<std::string, KafkaTopic> used_;  ///< What is held here is asked for without all others.
};

}  // namespace productd
