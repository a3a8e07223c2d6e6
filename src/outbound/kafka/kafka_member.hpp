// A member of a consumer group: a thread that librdkafka's rebalances may hold up, so that no event loop is.
#pragma once

#include <atomic>
#include <condition_variable>
#include <deque>
#include <map>
#include <mutex>
#include <span>
#include <thread>

#include "app/ports/ports.hpp"
#include "async/waker.hpp"
#include "outbound/kafka/kafka_client.hpp"
#include "outbound/kafka/kafka_log_settings.hpp"

namespace productd {

/// Joins when it is made. A rebalance waits in this thread until the subscriber has released its partitions, no longer
/// than the release limit; heartbeats go on meanwhile, in librdkafka's own threads.
class KafkaMember {
public:
    /// A partition's messages, apart from all others'.
    struct Source {
        Assigned::Partition place;
        KafkaQueue messages;
    };
    using Commits = std::vector<std::pair<TopicPartition, Commit>>;
    using Event = std::variant<std::vector<Source>, Revoked, Error>;

    static Result<std::shared_ptr<KafkaMember>> join(const KafkaLogSettings& settings, const std::string& group,
                                                     std::vector<std::string> topics, std::shared_ptr<Waker> waker);
    /// Leaves, unless it has; waits for the thread, however long that takes.
    ~KafkaMember();
    KafkaMember(const KafkaMember&) = delete;
    KafkaMember& operator=(const KafkaMember&) = delete;

    /// What happened and was not taken yet.
    std::optional<Event> take();
    /// The subscriber has let go of what was revoked; once for each Revoked that it took, in their order.
    void released();
    /// The subscriber wants nothing more and holds no queue of a Source; the thread leaves the group.
    void leave();
    /// Waits until the group has been left. Brokers that do not answer can keep that waiting for a minute and more.
    bool left_by(Deadline deadline);
    bool has_left() { return left_by({}); }
    /// Blocks until the group's coordinator has them, and says of each whether; any thread. Fails with
    /// failed_precondition when the partitions are not those assigned with `epoch` any more.
    Result<std::vector<Result<>>> commit(const Commits& commits, std::int64_t epoch);
    /// The end of a partition as of the last fetch, if it is known.
    std::optional<std::int64_t> end_of(const TopicPartition& source) const;

private:
    KafkaMember(const KafkaLogSettings& settings, std::vector<std::string> topics, std::shared_ptr<Waker> waker);
    static void rebalance(rd_kafka_t* client, rd_kafka_resp_err_t what, rd_kafka_topic_partition_list_t* list,
                          void* self);
    static void failed(rd_kafka_t* client, int code, const char* why, void* self);

    rd_kafka_resp_err_t commit(std::span<const std::pair<TopicPartition, Commit>> commits) const;
    void run();
    void await_topics();
    void be_member();
    void end_membership();
    void take_message(const rd_kafka_message_t& message);
    void assign(rd_kafka_topic_partition_list_t* list);
    void revoke(const rd_kafka_topic_partition_list_t* list);
    void await_release(const rd_kafka_topic_partition_list_t* list, bool is_lost);
    void keep(const TopicPartition& source, KafkaQueue queue);
    static void drain(rd_kafka_queue_t* queue);
    Result<std::vector<Assigned::Partition>> places(const std::vector<TopicPartition>& sources) const;
    Result<std::vector<std::optional<PartitionInfo>>> ends(const std::vector<TopicPartition>& sources) const;
    void tell(Event event);

    const KafkaLogSettings& settings_;
    std::vector<std::string> topics_;
    std::int64_t shares_;  ///< Of what may be fetched ahead: the partitions that are expected.
    std::shared_ptr<Waker> waker_;
    KafkaHandle client_;
    std::mutex mutex_;
    std::condition_variable changed_;
    std::deque<Event> events_;
    std::uint64_t revocations_ = 0;  ///< Told; the member's thread alone counts them.
    std::uint64_t releases_ = 0;     ///< An answer that comes too late is for its own revocation, not for a later one.
    std::atomic<bool> leaving_{false};
    bool has_left_ = false;
    bool was_assigned_ = false;
    std::atomic<std::int64_t> epoch_{0};           ///< Of the assignment there is; rises as soon as it is over.
    std::map<TopicPartition, KafkaQueue> queues_;  ///< Of all partitions that were ever assigned.
    std::thread thread_;
};

}  // namespace productd
