// A member of a consumer group: a thread that librdkafka's rebalances may hold up, so that no event loop is.
#pragma once

#include <span>
#include <thread>

#include "app/ports/message_log.hpp"
#include "outbound/kafka/kafka_rebalance.hpp"

namespace productd {

/// Joins when it is made. A rebalance waits in this thread until the subscriber has released its partitions, no longer
/// than the release limit; heartbeats go on meanwhile, in librdkafka's own threads.
class KafkaMember {
public:
    using Source = KafkaHandover::Source;
    using Event = KafkaHandover::Event;
    using Commits = std::vector<std::pair<TopicPartition, Commit>>;

    static Result<std::shared_ptr<KafkaMember>> join(const KafkaLogSettings& settings, const std::string& group,
                                                     std::vector<std::string> topics, std::shared_ptr<Waker> waker);
    /// Leaves, unless it has; waits for the thread, however long that takes.
    ~KafkaMember();
    KafkaMember(const KafkaMember&) = delete;
    KafkaMember& operator=(const KafkaMember&) = delete;

    /// What happened and was not taken yet.
    std::optional<Event> take() { return handover_.take(); }
    /// The subscriber has let go of what was revoked; once for each Revoked that it took, in their order.
    void released() { handover_.released(); }
    /// The subscriber wants nothing more and holds no queue of a Source; the thread leaves the group.
    void leave() { handover_.leave(); }
    /// Waits until the group has been left. Brokers that do not answer can keep that waiting for a minute and more.
    bool left_by(Deadline deadline) { return handover_.left_by(deadline); }
    bool has_left() { return left_by({}); }
    /// Blocks until the group's coordinator has them, and says of each whether; any thread. Fails with
    /// failed_precondition when the partitions are not those assigned with `epoch` any more.
    Result<std::vector<Result<>>> commit(const Commits& commits, std::int64_t epoch);
    /// The end of a partition as of the last fetch, if it is known.
    std::optional<std::int64_t> end_of(const TopicPartition& source) const;

private:
    KafkaMember(const KafkaLogSettings& settings, std::vector<std::string> topics, std::shared_ptr<Waker> waker);
    static void rebalanced(rd_kafka_t* client, rd_kafka_resp_err_t what, rd_kafka_topic_partition_list_t* list,
                           void* self);
    static void failed(rd_kafka_t* client, int code, const char* why, void* self);

    rd_kafka_resp_err_t commit(std::span<const std::pair<TopicPartition, Commit>> commits) const;
    void run();
    void await_topics();
    void be_member();
    void end_membership();
    void take_message(const rd_kafka_message_t& message);

    const KafkaLogSettings& settings_;
    std::vector<std::string> topics_;
    std::int64_t shares_;  ///< The partitions that are expected; each may fetch ahead an equal part.
    KafkaHandover handover_;
    KafkaHandle client_;
    KafkaRebalance rebalance_;  ///< Its queues end before their client.
    std::thread thread_;
};

}  // namespace productd
