// One member of a consumer group of Kafka, as the worker sees it.
#pragma once

#include "outbound/kafka/kafka_commit_mark.hpp"
#include "outbound/kafka/kafka_member.hpp"

namespace productd {

/// Takes messages from the partitions' own queues in turn, never waiting in a thread. A partition that is held is not
/// taken from: what was fetched of it stays where it is. A partition lost without a rebalance is told as revoked with
/// `is_lost`.
class KafkaSubscription final : public Subscription {
public:
    /// `member` is an error when it cannot be made, which next() tells. `commits` runs what blocks.
    KafkaSubscription(Result<std::shared_ptr<KafkaMember>> member, std::shared_ptr<Waker> waker,
                      std::chrono::milliseconds commit_timeout, BlockingPool& commits,
                      std::shared_ptr<const KafkaCommitMark> mark);
    /// next() must have ended. Blocks for a moment until the group is left, for the end of a worker, after which its
    /// loop has nothing to do; where brokers keep that waiting it is left in the background, until the log is closed.
    ~KafkaSubscription() override;

    /// Fails with not_found for a topic that is missing, and goes on when it is there.
    Task<SubscriptionEvent> next(FetchRoom room) override;
    /// Fails with failed_precondition when the partition is not, or no longer, this member's.
    Task<> commit(TopicPartition source, Commit commit) override;
    /// Once closed, and where the commit before got no answer, it waits for one no longer than a second.
    Task<std::vector<Result<>>> commit_all(std::vector<std::pair<TopicPartition, Commit>> commits) override;
    void hold(const TopicPartition& source) override;
    void resume(const TopicPartition& source) override;
    void released(const std::vector<TopicPartition>& partitions) override;
    void close() override;

private:
    struct Cursor {
        TopicPartition source;
        KafkaQueue messages;
        std::optional<Message> left;  ///< Taken of the queue, and more than there was room for: the next to be read.
        std::int64_t epoch = 0;
        std::int64_t next = 0;           ///< Where reading stands.
        std::optional<StoreMark> store;  ///< What its last commit rests on.
        bool is_held = false;
        bool is_revoked = false;  ///< Committed to, but not read.
    };

    Result<SubscriptionEvent> event_of(KafkaMember::Event event);
    Result<std::optional<Records>> records(const FetchRoom& room);
    Result<std::optional<Records>> take(Cursor& cursor, const FetchRoom& room);
    Cursor* find(const TopicPartition& source);

    Result<std::shared_ptr<KafkaMember>> member_;
    std::shared_ptr<Waker> waker_;
    std::chrono::milliseconds commit_timeout_;
    BlockingPool& commits_;
    std::shared_ptr<const KafkaCommitMark> mark_;
    std::vector<Cursor> cursors_;
    std::size_t turn_ = 0;
    bool closed_ = false;
    bool is_answered_ = true;  ///< The last commit.
};

}  // namespace productd
