#include "outbound/kafka/kafka_member.hpp"

#include <gtest/gtest.h>

#include "fakes/kafka_mock_cluster.hpp"
#include "fakes/test_loop.hpp"
#include "outbound/kafka/kafka_message_log.hpp"

namespace productd {
namespace {

Task<> woken(Waker& waker) {
    co_await waker.wait();
    co_return Result<>{};
}

class KafkaMemberTest : public ::testing::Test {
protected:
    KafkaMemberTest() {
        cluster_.make("things", 1);
        cluster_.make("many", 3);
    }

    test::KafkaMockCluster cluster_;
    TestLoop loop_;  // Outlives the log, whose calls may have been given up.
    std::unique_ptr<KafkaMessageLog> log_ = std::move(KafkaMessageLog::open(cluster_.settings())).value();
};

// What librdkafka 2.0.2 leaves in the queue of a partition that is no more refers to the partition, which has the
// queue.
TEST_F(KafkaMemberTest, LeavesAGroupWhoseTopicIsNoMore) {
    auto subscription = log_->subscribe("group", {"things"}, loop_.executor());
    auto event = loop_.run(subscription->next({10}));
    ASSERT_TRUE(event);
    ASSERT_TRUE(std::holds_alternative<Assigned>(*event));
    rd_kafka_mock_topic_set_error(cluster_.raw(), "things", RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART);
    // Whoever fetches is sent to ask where the topic is.
    for (int broker = 1; broker <= 3; ++broker) rd_kafka_mock_partition_set_leader(cluster_.raw(), "things", 0, broker);
    bool is_gone = false;
    while (!is_gone) {
        event = loop_.run(subscription->next({10}));
        if (!event) {
            EXPECT_EQ(event.error().code, Errc::not_found) << event.error().detail;
            is_gone = true;
        } else if (const auto* revoked = std::get_if<Revoked>(&*event)) {
            subscription->released(revoked->partitions);
        }
    }
    subscription.reset();
    log_.reset();
}

TEST_F(KafkaMemberTest, APartitionWithoutALeaderHoldsUpNoOther) {
    constexpr std::int32_t nobody = -1;
    std::vector<Record> records(1);
    records[0] = {.topic = "many", .partition = 1, .key = "key", .value = "value"};
    ASSERT_TRUE(loop_.run(log_->publish(std::move(records))).value().front());
    rd_kafka_mock_partition_set_leader(cluster_.raw(), "many", 0, nobody);
    auto subscription = log_->subscribe("group", {"many"}, loop_.executor());
    std::optional<Records> found;
    while (!found) {
        auto event = loop_.run(subscription->next({10}));
        if (event && std::holds_alternative<Records>(*event)) found = std::get<Records>(std::move(*event));
    }
    EXPECT_EQ(found->source, (TopicPartition{"many", 1}));
}

// What tells that a topic was made anew between two starts, where the brokers did not forget the group's commits with
// it: the group stands where the log has not come yet.
TEST_F(KafkaMemberTest, ACommitBeyondTheEndIsOfATopicThatWasMadeAnewAndCountsForNothing) {
    std::vector<Record> records(1);
    records[0] = {.topic = "things", .partition = 0, .key = "key", .value = "value"};
    ASSERT_TRUE(loop_.run(log_->publish(std::move(records))).value().front());
    const auto assigned = [](Result<SubscriptionEvent> event) {
        return std::get<Assigned>(std::move(event).value()).partitions.front();
    };
    auto subscription = log_->subscribe("group", {"things"}, loop_.executor());
    ASSERT_EQ(assigned(loop_.run(subscription->next({10}))).begin, 0);
    ASSERT_TRUE(loop_.run(subscription->commit({"things", 0}, {1, "of this topic"})));
    subscription = log_->subscribe("group", {"things"}, loop_.executor());
    const auto same = assigned(loop_.run(subscription->next({10})));
    EXPECT_EQ(same.begin, 1);
    ASSERT_TRUE(same.commit);
    EXPECT_EQ(same.commit->metadata, "of this topic");
    ASSERT_TRUE(loop_.run(subscription->commit({"things", 0}, {7, "of an earlier topic"})));
    subscription = log_->subscribe("group", {"things"}, loop_.executor());
    const auto anew = assigned(loop_.run(subscription->next({10})));
    EXPECT_EQ(anew.begin, 0);
    EXPECT_FALSE(anew.commit);
    const auto read = std::get<Records>(loop_.run(subscription->next({10})).value());
    EXPECT_EQ(read.messages.size(), 1U);
}

TEST_F(KafkaMemberTest, StopsWaitingForBrokersThatDidNotAnswerBefore) {
    const auto subscription = log_->subscribe("group", {"things"}, loop_.executor());
    ASSERT_TRUE(loop_.run(subscription->next({10})));
    rd_kafka_mock_broker_set_rtt(cluster_.raw(), -1, 20'000);
    const auto commit = [&] {
        const auto began = std::chrono::steady_clock::now();
        const auto done = loop_.run(subscription->commit({"things", 0}, {1, ""}));
        EXPECT_EQ(done.error().code, Errc::deadline_exceeded);
        return std::chrono::steady_clock::now() - began;
    };
    const auto first = commit();
    subscription->close();
    EXPECT_LT(2 * commit(), first);
    rd_kafka_mock_broker_set_rtt(cluster_.raw(), -1, 0);
}

TEST_F(KafkaMemberTest, SaysOfEachPartitionWhetherItsCommitIsDone) {
    const auto settings = cluster_.settings();
    const auto waker = std::make_shared<Waker>(loop_.executor());
    const auto member = KafkaMember::join(settings, "group", {"things"}, waker).value();
    auto event = member->take();
    for (; !event; event = member->take()) ASSERT_TRUE(loop_.run(woken(*waker)));
    const auto epoch = std::get<std::vector<KafkaMember::Source>>(*event).front().place.epoch;
    const auto partly = member->commit({{{"things", 0}, {1, "mine"}}, {{"nothing", 7}, {1, "nobody's"}}}, epoch);
    ASSERT_TRUE(partly) << partly.error().detail;
    ASSERT_EQ(partly->size(), 2U);
    EXPECT_TRUE((*partly)[0]);
    EXPECT_FALSE((*partly)[1]);
    EXPECT_FALSE(member->commit({{{"nothing", 7}, {1, "nobody's"}}}, epoch).value().front());
    EXPECT_TRUE(member->commit({{{"things", 0}, {1, "mine"}}}, epoch).value().front());
}

}  // namespace
}  // namespace productd
