// Tests of the bound over what the worker holds, and of its shares.
#include "app/worker/core/intake.hpp"

#include <gtest/gtest.h>

namespace productd {
namespace {

using Standing = WorkItem::Standing;

class IntakeTest : public testing::Test {
protected:
    Item hold(std::size_t bytes, ChangeKind kind = ChangeKind::create, Standing standing = Standing::ordinary) {
        auto item = std::make_shared<WorkItem>();
        item->kind = kind;
        item->bytes = bytes;
        item->standing = standing;
        item->partition = partition;
        intake.add(item);
        return item;
    }
    void hold_many(std::size_t messages, std::size_t bytes, ChangeKind kind = ChangeKind::create,
                   Standing standing = Standing::ordinary) {
        for (std::size_t n = 0; n < messages; ++n) hold(bytes, kind, standing);
    }

    static constexpr std::size_t mib = 1024 * 1024;
    std::shared_ptr<OwnedPartition> partition =
        std::make_shared<OwnedPartition>(OwnedPartition{.tracker = OffsetTracker(std::nullopt, {})});
    Intake intake{{1'000, 16 * mib}};
};

TEST_F(IntakeTest, KeepsATwentiethOfTheMessagesForCreatesAndAsManyForTheFetchUnderWay) {
    hold_many(899, 1);
    EXPECT_EQ(intake.room(false).messages, 1U);
    EXPECT_TRUE(intake.has_ordinary_room());
    hold(1);
    EXPECT_EQ(intake.room(false).messages, 0U);
    EXPECT_FALSE(intake.has_ordinary_room());
    EXPECT_EQ(intake.room(true).messages, 50U);
    hold_many(99, 1);
    EXPECT_EQ(intake.room(true).messages, 1U);
    hold(1);
    EXPECT_EQ(intake.room(true).messages, 0U);
}

TEST_F(IntakeTest, KeepsRoomForTheLargestMessageForCreates) {
    hold(4);
    EXPECT_EQ(intake.room(true), (FetchRoom{50, mib}));
    hold(12 * mib - 8);
    EXPECT_EQ(intake.room(false), (FetchRoom{500, 1}));
    EXPECT_TRUE(intake.has_ordinary_room());
    hold(4);
    EXPECT_EQ(intake.room(false), FetchRoom{});
    EXPECT_FALSE(intake.has_ordinary_room());
    EXPECT_EQ(intake.room(true), (FetchRoom{50, mib}));
}

TEST_F(IntakeTest, KeepsNoMoreThanAQuarterOfASmallBoundForCreates) {
    intake = Intake{{1'000, 4'000}};
    hold(2'996);
    EXPECT_EQ(intake.room(false).bytes, 1U);
    hold(4);
    EXPECT_EQ(intake.room(false), FetchRoom{});
    EXPECT_EQ(intake.room(true).bytes, 250U);
}

TEST_F(IntakeTest, LetsOneMessageInWhateverTheBoundAndThenNothingMore) {
    intake = Intake{{0, 4}};
    EXPECT_TRUE(intake.has_ordinary_room());
    EXPECT_EQ(intake.room(false), (FetchRoom{1, 1}));
    hold(1'000);
    EXPECT_EQ(intake.room(false), FetchRoom{});
    EXPECT_EQ(intake.room(true), FetchRoom{});
}

TEST_F(IntakeTest, TellsOfRoomForAByteOnTheWireWhereFewerAreLeftThanOneMayOccupy) {
    intake = Intake{{1'000, 4'000}};
    hold(2'999);
    EXPECT_EQ(intake.room(false).bytes, 1U);
}

TEST_F(IntakeTest, LeavesHalfToWhatMayHaveToWait) {
    hold_many(499, 1, ChangeKind::update);
    EXPECT_EQ(intake.room(false).messages, 1U);
    EXPECT_FALSE(intake.is_waiting_share_full());
    const auto last = hold(1, ChangeKind::remove);
    EXPECT_EQ(intake.room(false).messages, 0U);
    EXPECT_TRUE(intake.is_waiting_share_full());
    EXPECT_EQ(intake.room(true).messages, 50U);
    intake.decided(*last);
    EXPECT_EQ(intake.room(false).messages, 1U);
    EXPECT_FALSE(intake.is_waiting_share_full());
}

TEST_F(IntakeTest, LeavesHalfOfTheBytesToWhatMayHaveToWait) {
    hold(8 * mib - 4, ChangeKind::update);
    EXPECT_EQ(intake.room(false).bytes, 1U);
    EXPECT_FALSE(intake.is_waiting_share_full());
    hold(4, ChangeKind::update);
    EXPECT_EQ(intake.room(false), FetchRoom{});
    EXPECT_TRUE(intake.is_waiting_share_full());
}

TEST_F(IntakeTest, CountsParkedAndFailingMessagesInTheirSharesAndTheirPartitions) {
    const auto item = hold(7, ChangeKind::update);
    EXPECT_EQ(intake.waiting(), (Amount{1, 7}));
    intake.stand(*item, Standing::parked);
    EXPECT_EQ(intake.parked(), (Amount{1, 7}));
    EXPECT_EQ(intake.waiting(), (Amount{1, 7}));
    EXPECT_EQ(partition->parked, (Amount{1, 7}));
    intake.stand(*item, Standing::failing);
    EXPECT_EQ(intake.parked(), Amount{});
    EXPECT_EQ(intake.waiting(), Amount{});
    EXPECT_EQ(intake.failing(), (Amount{1, 7}));
    EXPECT_EQ(partition->failing, (Amount{1, 7}));
    EXPECT_TRUE(intake.remove(item));
    EXPECT_FALSE(intake.remove(item));
    EXPECT_EQ(intake.failing(), Amount{});
    EXPECT_EQ(intake.held(), Amount{});
    intake.stand(*item, Standing::parked);
    EXPECT_EQ(intake.parked(), Amount{}) << "it is gone";
}

TEST_F(IntakeTest, SharesAreFullAtFourTenths) {
    hold_many(399, 1, ChangeKind::update, Standing::failing);
    hold_many(399, 1, ChangeKind::update, Standing::parked);
    EXPECT_FALSE(intake.is_failing_share_full());
    EXPECT_FALSE(intake.is_parked_share_full());
    hold(1, ChangeKind::update, Standing::failing);
    hold(1, ChangeKind::update, Standing::parked);
    EXPECT_TRUE(intake.is_failing_share_full());
    EXPECT_TRUE(intake.is_parked_share_full());
}

TEST_F(IntakeTest, OneFailingMessageFillsNoShareHoweverLargeItIs) {
    hold(15 * mib, ChangeKind::update, Standing::failing);
    EXPECT_FALSE(intake.is_failing_share_full());
    hold(1, ChangeKind::update, Standing::failing);
    EXPECT_TRUE(intake.is_failing_share_full());
}

TEST_F(IntakeTest, TheOldestIsTheFirstThatCameAndWhatIsSetAsideIsNoLag) {
    const auto first = hold(1);
    const auto second = hold(1);
    const auto third = hold(1);
    EXPECT_EQ(intake.oldest_active(), first.get());
    EXPECT_EQ(intake.oldest_aside(), nullptr);
    intake.set_aside(second);
    intake.set_aside(first);
    intake.set_aside(first);
    EXPECT_EQ(intake.oldest_active(), third.get());
    EXPECT_EQ(intake.oldest_aside(), first.get());
    EXPECT_TRUE(intake.remove(first));
    EXPECT_EQ(intake.oldest_aside(), second.get());
    EXPECT_EQ(intake.held().messages, 2U);
}

TEST_F(IntakeTest, FindsEverythingOfAPartitionAndNothingElse) {
    const auto active = hold(1);
    const auto aside = hold(1);
    intake.set_aside(aside);
    const auto ours = std::exchange(
        partition, std::make_shared<OwnedPartition>(OwnedPartition{.tracker = OffsetTracker(std::nullopt, {})}));
    intake.set_aside(hold(1));
    hold(1);
    EXPECT_EQ(intake.of(*ours), (std::vector{active, aside}));
}

}  // namespace
}  // namespace productd
