// Tests of which partitions are held, and of how much may be fetched.
#include "app/worker/core/worker_core_fixture.hpp"

namespace productd {
namespace {

using namespace test;
using namespace std::chrono_literals;

class PartitionGatesTest : public WorkerCoreFixture {
protected:
    void read_updates(std::uint32_t from, std::uint32_t to) {
        std::vector<Change> changes;
        for (auto number = from; number <= to; ++number) changes.push_back(update(number));
        read(changes);
    }
    /// Updates of as many products, each of which is not there.
    void park(std::uint32_t from, std::uint32_t to) {
        for (auto number = from; number <= to; ++number) read(update(number));
        while (!calls.empty()) answer(call(), ChangeOutcome{NotApplied{}});
    }
    /// Seconds, in each of which the looks that begin find nothing.
    void pass_seconds(int seconds) {
        for (int n = 0; n < seconds; ++n) {
            pass(1s);
            while (!looks.empty()) find(look());
        }
    }
};

TEST_F(PartitionGatesTest, AFullLaneHoldsTheTopicsThatFillItUntilItHasRoom) {
    settings.lane_max = 2;
    begin();
    read({update(1), update(1)});
    EXPECT_EQ(held, std::set{settings.topics.update});
    apply_all();
    EXPECT_TRUE(held.empty());
}

TEST_F(PartitionGatesTest, WhereHalfMayHaveToWaitAllButTheCreatesAreHeld) {
    settings.in_flight_max = 20;
    begin();
    read_updates(1, 9);
    EXPECT_TRUE(held.empty());
    EXPECT_EQ(core->fetch_room(now).messages, 1U);
    read(update(10));
    EXPECT_EQ(held, (std::set{settings.topics.update, settings.topics.remove}));
    EXPECT_EQ(core->fetch_room(now).messages, 1U) << "of creates, a twentieth";
    apply_all();
    EXPECT_TRUE(held.empty());
}

TEST_F(PartitionGatesTest, WhereCreatesFillTheBoundTheOthersAreHeld) {
    settings.in_flight_max = 20;
    begin();
    std::vector<Change> changes;
    for (std::uint32_t number = 1; number <= 18; ++number) changes.push_back(create(number));
    read(changes);
    EXPECT_EQ(held, (std::set{settings.topics.update, settings.topics.remove}));
}

TEST_F(PartitionGatesTest, AFullShareOfFailingMessagesHoldsTheTopicsTheyComeFrom) {
    settings.in_flight_max = 10;
    settings.parallelism = 2;
    begin();
    read({create(1), create(2)});
    answer(call(), {ChangeOutcome{standing()}, ChangeOutcome{Error{Errc::internal, "no"}}});
    read({create(2), create(2)});
    EXPECT_TRUE(held.empty());
    read(create(2));
    EXPECT_TRUE(held.contains(settings.topics.create));
    EXPECT_FALSE(held.contains(settings.topics.update));
}

TEST_F(PartitionGatesTest, OneFailingMessageOfATopicIsEnoughToHoldIt) {
    settings.in_flight_max = 10;
    settings.parallelism = 2;
    begin();
    read({create(1), create(2)});
    answer(call(), {ChangeOutcome{standing()}, ChangeOutcome{Error{Errc::internal, "no"}}});
    read({create(2), create(2)});
    read(update(2));
    EXPECT_TRUE(held.contains(settings.topics.update));
}

TEST_F(PartitionGatesTest, FetchesAThousandAtATimeAndFewerWhereACommitHasLittleRoom) {
    settings.in_flight_max = 100'000;
    settings.in_flight_bytes_max = 1'000'000'000;
    settings.lane_max = 100'000;
    begin();
    read(create(1));
    EXPECT_EQ(core->fetch_room(now).messages, 1'000U);
    // One hangs, and far above it others are read and end.
    ends[settings.topics.create] = 24'000;
    read(create(2));
    EXPECT_EQ(core->fetch_room(now).messages, 250U);
    EXPECT_TRUE(held.empty());
}

TEST_F(PartitionGatesTest, WithNothingOwnedItMayFetchAsOrdinarily) {
    settings.in_flight_max = 100;
    core.emplace(settings, observer, 1);
    EXPECT_GT(core->fetch_room(now).messages, 5U);
}

TEST_F(PartitionGatesTest, WhereTooManyAreParkedTheOldestGoEarlyAndTheirTopicIsHeld) {
    settings.parked_max = 3;
    settings.parallelism = 2;
    begin();
    park(1, 3);
    EXPECT_TRUE(held.empty());
    park(4, 5);
    EXPECT_EQ(held, std::set{settings.topics.update});
    pass_seconds(1);
    EXPECT_EQ(observer.parked_early, 2U);
    EXPECT_EQ(asks, 1);
    tell_creates_end();
    pass_seconds(2);
    std::set<std::int64_t> offsets;
    for (const auto& letter : letters) offsets.insert(letter.item->message.position.offset);
    EXPECT_EQ(offsets, (std::set<std::int64_t>{0, 1}));
    EXPECT_EQ(observer.parked_early, 2U);
}

TEST_F(PartitionGatesTest, WhereTheyOccupyTooMuchTheOlderHalfGoesEarly) {
    settings.parked_bytes_max = 4 * sizeof(WorkItem);
    settings.parallelism = 2;
    begin();
    park(1, 5);
    EXPECT_EQ(held, std::set{settings.topics.update});
    pass_seconds(1);
    EXPECT_EQ(observer.parked_early, 3U);
}

TEST_F(PartitionGatesTest, WhereTheirShareIsFullTheOlderHalfGoesEarly) {
    settings.in_flight_max = 20;
    settings.parallelism = 2;
    begin();
    park(1, 8);
    pass_seconds(1);
    EXPECT_EQ(observer.parked_early, 4U);
}

TEST_F(PartitionGatesTest, WhereOneProductsLaneIsFullItsOlderHalfGoesEarly) {
    settings.lane_max = 4;
    settings.parallelism = 2;
    begin();
    park(1, 1);
    park(2, 2);
    read({update(1), update(1), update(1)});
    pass_seconds(1);
    EXPECT_EQ(observer.parked_early, 2U);
}

}  // namespace
}  // namespace productd
