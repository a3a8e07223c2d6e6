// Tests of when many failing products are the store's failure.
#include "app/worker/core/partial_outage.hpp"

#include <gtest/gtest.h>

namespace productd {
namespace {

using namespace std::chrono_literals;

class PartialOutageTest : public testing::Test {
protected:
    bool lasts(std::size_t culprits) { return outage_.lasts(culprits, succeeded_, step_, now_); }

    PartialOutage::Time now_{1h};
    std::uint64_t succeeded_ = 0;
    std::uint64_t step_ = 10;
    PartialOutage outage_{15min};
};

TEST_F(PartialOutageTest, EightProductsAreTheirOwnTrouble) {
    EXPECT_FALSE(lasts(8));
    EXPECT_TRUE(lasts(9));
}

TEST_F(PartialOutageTest, ATenthOfThoseTriedIsTheirOwnTrouble) {
    outage_.note_tried(200, now_);
    EXPECT_FALSE(lasts(20));
    EXPECT_TRUE(lasts(21));
}

TEST_F(PartialOutageTest, WhatTheStoreSaysOfItselfNeverBecomesTheirs) {
    outage_.note_failure(Errc::unavailable);
    ASSERT_TRUE(lasts(30));
    succeeded_ = 20;
    now_ += 24h;
    EXPECT_TRUE(lasts(30));
}

TEST_F(PartialOutageTest, AnythingElseBecomesTheirsOnceOthersWereWrittenForTheWholePatience) {
    outage_.note_failure(Errc::internal);
    ASSERT_TRUE(lasts(30));
    succeeded_ = 20;
    now_ += 15min - 1ms;
    EXPECT_TRUE(lasts(30));
    now_ += 1ms;
    EXPECT_FALSE(lasts(30));
}

TEST_F(PartialOutageTest, NoSuccessSinceItBeganIsNoProof) {
    outage_.note_failure(Errc::internal);
    succeeded_ = 10;
    ASSERT_TRUE(lasts(30));
    now_ += 24h;
    EXPECT_TRUE(lasts(30));
}

TEST_F(PartialOutageTest, ItsTimeBeginsAnewOnceFewFail) {
    outage_.note_failure(Errc::internal);
    ASSERT_TRUE(lasts(30));
    now_ += 10min;
    ASSERT_FALSE(lasts(3));
    step_ = 30;
    ASSERT_TRUE(lasts(30));
    succeeded_ = 40;
    now_ += 10min;
    EXPECT_TRUE(lasts(30));
    now_ += 5min;
    EXPECT_FALSE(lasts(30));
}

}  // namespace
}  // namespace productd
