// How much may be fetched, by what is held.
#include "app/worker/core/intake.hpp"

#include <gtest/gtest.h>

namespace productd {
namespace {

constexpr std::size_t mib = 1024 * 1024;

class IntakeRoomTest : public testing::Test {
protected:
    Item hold(std::size_t bytes, ChangeKind kind = ChangeKind::create) {
        auto item = std::make_shared<WorkItem>();
        item->kind = kind;
        item->partition = partition_;
        item->bytes = bytes;
        intake_.add(item);
        return item;
    }

    std::shared_ptr<OwnedPartition> partition_ =
        std::make_shared<OwnedPartition>(OwnedPartition{.tracker = OffsetTracker(std::nullopt, {})});
    Intake intake_{{10'000, 16 * mib}};
};

TEST_F(IntakeRoomTest, AFetchMayBringAQuarterOfTheMemoryThatIsLeft) {
    hold(1);
    EXPECT_EQ(intake_.room(false), (FetchRoom{5'000, 2 * mib}));
    hold(8 * mib);
    EXPECT_EQ(intake_.room(false), (FetchRoom{5'000, (4 * mib - 1) / 4}));
    const auto last = hold(4 * mib);
    EXPECT_EQ(intake_.room(false).messages, 0U);
    intake_.remove(last);
    EXPECT_EQ(intake_.room(false), (FetchRoom{5'000, (4 * mib - 1) / 4}));
}

TEST_F(IntakeRoomTest, WhatMayHaveToWaitHasHalfOfIt) {
    const auto update = hold(7 * mib, ChangeKind::update);
    EXPECT_EQ(intake_.room(false), (FetchRoom{4'999, mib / 4}));
    intake_.decided(*update);
    EXPECT_EQ(intake_.room(false), (FetchRoom{5'000, (5 * mib) / 4}));
}

TEST_F(IntakeRoomTest, WhereNothingIsHeldOneMayCome) {
    Intake small({1, 400});
    EXPECT_EQ(small.room(false), (FetchRoom{1, 100}));
    EXPECT_EQ(small.room(true), (FetchRoom{1, 100}));
}

TEST_F(IntakeRoomTest, CreatesAloneMayTakeWhatIsKeptForThemAndLeaveRoomForTheLast) {
    hold(13 * mib);
    EXPECT_EQ(intake_.room(false).messages, 0U);
    EXPECT_EQ(intake_.room(true), (FetchRoom{500, 3 * mib / 4}));
    hold(2 * mib);
    EXPECT_EQ(intake_.room(true), (FetchRoom{500, mib / 4}));
    hold(mib / 4);
    EXPECT_EQ(intake_.room(true).messages, 0U) << "a large one would go beyond the bound";
}

}  // namespace
}  // namespace productd
