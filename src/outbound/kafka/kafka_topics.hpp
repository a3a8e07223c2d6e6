// Makes topics and lets them grow.
#pragma once

#include "outbound/kafka/kafka_admin.hpp"
#include "outbound/kafka/kafka_client.hpp"

namespace productd {

/// Every call blocks: use it on a pool's threads. The client and its admin outlive it; the client is of a consumer with
/// a group of its own, since commits are asked for.
class KafkaTopics {
public:
    KafkaTopics(const KafkaLogSettings& settings, rd_kafka_t* client, const KafkaAdmin& admin)
        : settings_(settings), client_(client), admin_(admin) {}

    /// Makes missing topics with the settings of the contract, and adds missing partitions to those whose
    /// messages the worker's group has all finished: else failed_precondition. Those of dead letters do not grow.
    /// Returns the names it changed, once every broker knows them.
    Result<std::vector<std::string>> create(const std::vector<TopicSpec>& topics) const;

private:
    Result<> make(const std::vector<TopicSpec>& missing) const;
    Result<> check_finished(const std::string& topic) const;
    Result<> grow(const TopicSpec& topic) const;
    Result<> await_visible(const std::vector<TopicSpec>& topics) const;

    const KafkaLogSettings& settings_;
    rd_kafka_t* client_;
    const KafkaAdmin& admin_;
};

}  // namespace productd
