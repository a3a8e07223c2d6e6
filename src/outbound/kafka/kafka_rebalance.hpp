// What a member does when the group is divided anew: where reading starts, a queue for each partition, and the wait
// until the subscriber has let go.
#pragma once

#include <atomic>
#include <map>

#include "outbound/kafka/kafka_handover.hpp"
#include "outbound/kafka/kafka_log_settings.hpp"

namespace productd {

/// Runs on the member's thread, in librdkafka's callback, and may hold it up; epoch() is for any thread.
class KafkaRebalance {
public:
    /// `shares`: the partitions that are expected. The handover outlives it.
    KafkaRebalance(const KafkaLogSettings& settings, std::int64_t shares, KafkaHandover& handover)
        : settings_(settings), shares_(shares), handover_(handover) {}

    /// What librdkafka's rebalance callback was told.
    void take(rd_kafka_t* client, rd_kafka_resp_err_t what, rd_kafka_topic_partition_list_t* list);

    bool was_assigned() const { return was_assigned_; }
    /// Numbers the present assignment; rises as soon as that is over.
    std::int64_t epoch() const { return epoch_; }
    /// Nobody is woken any more: whom the queues would wake may be gone.
    void silence();
    /// Drops the queues, before their client ends.
    void end_queues();

private:
    void assign(rd_kafka_t* client, rd_kafka_topic_partition_list_t* list);
    KafkaQueue split_off(rd_kafka_t* client, const TopicPartition& source);
    void keep(const TopicPartition& source, KafkaQueue queue);
    void revoke(rd_kafka_t* client, const rd_kafka_topic_partition_list_t* list);
    using Places = std::vector<KafkaHandover::Source>;  // Without their queues.
    Result<Places> places(rd_kafka_t* client, const std::vector<TopicPartition>& sources) const;
    using Ends = std::vector<std::optional<PartitionInfo>>;
    Result<Ends> ends(rd_kafka_t* client, const std::vector<TopicPartition>& sources) const;

    const KafkaLogSettings& settings_;
    std::int64_t shares_;
    KafkaHandover& handover_;
    bool was_assigned_ = false;
    std::atomic<std::int64_t> epoch_{0};
    std::map<TopicPartition, KafkaQueue> queues_;  ///< One for each partition that was ever assigned.
};

}  // namespace productd
