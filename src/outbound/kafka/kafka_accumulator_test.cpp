#include "outbound/kafka/kafka_accumulator.hpp"

#include <gtest/gtest.h>

namespace productd {
namespace {

using Clock = KafkaAccumulator::Clock;

class KafkaAccumulatorTest : public ::testing::Test {
protected:
    bool add(std::int32_t partition, const std::string& value, std::int32_t leader = 1) {
        return accumulator_.add({.topic = "things", .partition = partition, .key = "key", .value = value}, {}, leader,
                                now_);
    }
    KafkaAccumulator::Batch take() { return accumulator_.take(now_); }
    static std::vector<std::string> values(const KafkaAccumulator::Batch& batch) {
        std::vector<std::string> found;
        found.reserve(batch.size());
        for (const auto& pending : batch) found.push_back(*pending->record.value);
        return found;
    }
    bool reported(const KafkaAccumulator::Batch& batch) {
        bool may_go_on = false;
        for (const auto& pending : batch) may_go_on = accumulator_.reported(*pending);
        return may_go_on;
    }

    KafkaAccumulator accumulator_{10'000};
    Clock::time_point now_ = Clock::now();
};

TEST_F(KafkaAccumulatorTest, GathersWhatComesWhileABatchOfThePartitionIsOnItsWay) {
    add(0, "a");
    const auto first = take();
    EXPECT_EQ(values(first), std::vector<std::string>{"a"});
    add(0, "b");
    add(0, "c");
    EXPECT_TRUE(take().empty());
    EXPECT_TRUE(reported(first));
    EXPECT_EQ(values(take()), (std::vector<std::string>{"b", "c"}));
}

TEST_F(KafkaAccumulatorTest, HasFewBatchesOnTheWayToOneLeaderAndThoseOfOthersBeside) {
    for (std::int32_t partition = 0; partition < 6; ++partition) add(partition, "a", 1);
    std::vector<KafkaAccumulator::Batch> taken;
    for (auto batch = take(); !batch.empty(); batch = take()) taken.push_back(std::move(batch));
    ASSERT_EQ(taken.size(), 2U);
    add(7, "a", 2);
    EXPECT_EQ(values(take()), std::vector<std::string>{"a"});
    EXPECT_TRUE(take().empty());
    reported(taken.front());
    EXPECT_EQ(take().size(), 1U);
}

TEST_F(KafkaAccumulatorTest, GivesEveryPartitionItsTurn) {
    for (std::int32_t partition = 0; partition < 6; ++partition) add(partition, std::to_string(partition));
    std::vector<std::string> order;
    for (int i = 0; i < 6; ++i) {
        auto batch = take();
        ASSERT_EQ(batch.size(), 1U);
        order.push_back(*batch.front()->record.value);
        reported(batch);
        add(0, "0");
    }
    EXPECT_EQ(order, (std::vector<std::string>{"0", "1", "2", "3", "4", "5"}));
}

TEST_F(KafkaAccumulatorTest, DoesNotHoldBackForOthersOfItsLeaderWhatHasWaitedTooLong) {
    for (std::int32_t partition = 0; partition < 3; ++partition) add(partition, std::to_string(partition));
    take();
    take();
    ASSERT_TRUE(take().empty());
    now_ += KafkaAccumulator::overdue_after;
    EXPECT_EQ(values(take()), std::vector<std::string>{"2"});
}

// Given up one after the other they would be numbered anew, and written twice.
TEST_F(KafkaAccumulatorTest, NeverHasTwoBatchesOfAPartitionOnTheirWay) {
    add(0, "a");
    const auto first = take();
    add(0, "b");
    now_ += std::chrono::hours{1};
    EXPECT_TRUE(take().empty());
    reported(first);
    EXPECT_EQ(values(take()), std::vector<std::string>{"b"});
}

TEST_F(KafkaAccumulatorTest, GivesBackWhatNobodyTookAndTakesOthersInItsPlace) {
    add(0, "a");
    const auto first = take();
    add(0, std::string(9'000, 'b'));
    now_ += std::chrono::seconds{1};
    add(0, "c");
    EXPECT_EQ(accumulator_.expired(now_ - std::chrono::seconds{1}).size(), 1U);
    EXPECT_TRUE(accumulator_.expired(now_ - std::chrono::seconds{1}).empty());
    EXPECT_TRUE(add(1, std::string(9'000, 'd'))) << "it has left room";
    reported(first);
    ASSERT_EQ(take().front()->record.partition, 1) << "each partition in turn";
    EXPECT_EQ(values(take()), std::vector<std::string>{"c"});
}

TEST_F(KafkaAccumulatorTest, TellsWhoWaitsForWhatIsOnItsWayUntilHeIsAnswered) {
    for (const auto* value : {"a", "b", "c"}) {
        accumulator_.add({.topic = "things", .partition = 0, .value = value}, [](const Result<Position>&) {}, 1, now_);
    }
    const auto batch = take();
    EXPECT_TRUE(accumulator_.unanswered(now_ - std::chrono::milliseconds{1}).empty());
    EXPECT_EQ(accumulator_.unanswered(now_).size(), 3U);
    accumulator_.reported(*batch[1]);
    batch[0]->answer = nullptr;
    const auto left = accumulator_.unanswered(now_);
    ASSERT_EQ(left.size(), 1U);
    EXPECT_EQ(left[0]->record.value, "c");
}

TEST(KafkaAccumulator, ABatchIsAMebibyteAtMostOrOneRecord) {
    KafkaAccumulator accumulator(100 << 20);
    const auto now = KafkaAccumulator::Clock::now();
    for (const auto bytes : {2U << 20, 700U << 10, 300U << 10, 300U << 10}) {
        accumulator.add({.topic = "things", .partition = 0, .value = std::string(bytes, 'x')}, {}, 1, now);
    }
    for (const auto count : {1U, 2U, 1U}) {
        const auto batch = accumulator.take(now);
        ASSERT_EQ(batch.size(), count);
        for (const auto& pending : batch) accumulator.reported(*pending);
    }
}

TEST_F(KafkaAccumulatorTest, RefusesMoreBytesThanItMayHoldUntilSomeAreReported) {
    add(0, std::string(9'000, 'x'));
    const auto first = take();
    EXPECT_FALSE(add(1, std::string(1'000, 'y')));
    reported(first);
    EXPECT_TRUE(add(1, std::string(1'000, 'y')));
}

TEST_F(KafkaAccumulatorTest, HoldsNothingBackOnceClosed) {
    add(0, "a");
    const auto first = take();
    add(0, "b");
    accumulator_.close();
    EXPECT_EQ(values(take()), std::vector<std::string>{"b"});
}

}  // namespace
}  // namespace productd
