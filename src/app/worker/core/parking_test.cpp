// Tests of messages that wait for their product: looks, and when they are given up.
#include "app/worker/core/parking_fixture.hpp"

namespace productd {
namespace {

using namespace test;
using namespace std::chrono_literals;

TEST_F(ParkingTest, AsksForItsProductOnceASecondAndTriesItOnceThatIsThere) {
    begin();
    park(1, 1);
    EXPECT_EQ(looks.front().ids, std::vector{id_of(1)});
    find(look());
    pass(999ms);
    EXPECT_TRUE(looks.empty());
    pass(1ms);
    const auto first = look();
    pass(2s);
    EXPECT_TRUE(looks.empty()) << "one at a time";
    find(first);
    EXPECT_TRUE(calls.empty());
    find(look(), StoredProduct{});
    apply(call());
    EXPECT_EQ(observer.last.in_flight, 0U);
    EXPECT_TRUE(letters.empty());
}

TEST_F(ParkingTest, AsksMoreOftenWhereTheWaitIsShort) {
    settings.not_found_wait = 2s;
    begin();
    park(1, 1);
    find(look());
    pass(199ms);
    EXPECT_TRUE(looks.empty());
    pass(1ms);
    EXPECT_EQ(looks.size(), 1U);
}

TEST_F(ParkingTest, IsGivenUpByALookAfterTheLogHasToldWhereTheCreatesEnd) {
    begin();
    park(1, 1);
    pass_seconds(9);
    EXPECT_EQ(asks, 0);
    pass_seconds(2);
    EXPECT_EQ(asks, 1);
    pass_seconds(20);
    EXPECT_EQ(asks, 1) << "it was asked and not answered";
    EXPECT_TRUE(letters.empty());
    tell_creates_end();
    pass_seconds(1);
    ASSERT_EQ(letters.size(), 1U);
    EXPECT_EQ(letters.front().code, "not_found");
    EXPECT_GE(letters.front().item->looks, 30);
    EXPECT_EQ(letters.front().item->first_look, at(1'700'000'000'000));
}

TEST_F(ParkingTest, IsNotOverdueAMillisecondBeforeItsWait) {
    settings.not_found_wait = 10'001ms;
    begin();
    park(1, 1);
    pass_seconds(10);
    EXPECT_EQ(asks, 0);
    pass_seconds(1);
    EXPECT_EQ(asks, 1);
}

TEST_F(ParkingTest, AsksAgainWhereTheLogCouldNotTell) {
    begin();
    park(1, 1);
    pass_seconds(11);
    core->creates_end(fail(Errc::unavailable, "no"), now);
    take();
    pass_seconds(2);
    EXPECT_EQ(asks, 2);
    EXPECT_TRUE(letters.empty());
}

TEST_F(ParkingTest, NoTimeCountsWhileTheStoreIsDown) {
    settings.breaker.failures_max = 1;
    begin();
    park(1, 1);
    core->look_ended(look().id, fail(Errc::unavailable, "no"), now);
    take();
    for (int n = 0; n < 20; ++n) {
        pass(1s);
        while (!probes.empty()) end_probe(fail(Errc::unavailable, "no"));
    }
    EXPECT_EQ(asks, 0);
}

TEST_F(ParkingTest, NoTimeCountsWhileCreatesThatMayBeOlderAreUnread) {
    begin();
    pass(1s);
    park(1, 1);
    find(look());
    now.wall -= 1s;
    leave_a_create_unread();
    pass_seconds(20);
    EXPECT_EQ(asks, 1) << "whether they are there still";
    ++ends[settings.topics.create];
    tell_creates_end();
    --ends[settings.topics.create];
    read(create(901));
    apply_all();
    pass_seconds(9);
    EXPECT_EQ(asks, 1) << "only now its time begins";
    pass_seconds(2);
    EXPECT_EQ(asks, 2);
}

TEST_F(ParkingTest, TimeCountsOnceACreateLaterThanItIsRead) {
    begin();
    park(1, 1);
    find(look());
    pass(1s);
    leave_a_create_unread();
    pass_seconds(11);
    EXPECT_EQ(asks, 1);
}

TEST_F(ParkingTest, IsNotGivenUpWhileACreateOfItsProductIsHere) {
    begin();
    park(1, 1);
    read(create(1));
    const auto running = call();
    pass_seconds(11);
    tell_creates_end();
    pass_seconds(3);
    EXPECT_TRUE(letters.empty());
    apply(running);
    apply(call());
    EXPECT_TRUE(letters.empty());
    EXPECT_EQ(observer.endings[Ending::applied], 2);
}

TEST_F(ParkingTest, AllOfAProductsQueueThatIsOverdueEndsAtOnce) {
    begin();
    park(1, 1);
    read({update(1), update(1)});
    pass_seconds(11);
    tell_creates_end();
    pass_seconds(1);
    EXPECT_EQ(lettered(), (std::vector<std::int64_t>{0, 1, 2}));
}

TEST_F(ParkingTest, WhatIsThereAndCannotBeReadIsTriedAndSoIsWhatItsDeletionOvertook) {
    begin();
    park(1, 1);
    auto asked = look();
    core->look_ended(asked.id, std::vector<Found>{fail(Errc::data_loss, "no")}, now);
    take();
    answer(call(), ChangeOutcome{NotApplied{}});
    pass(1s);
    find(look(), Tombstone{.id = id_of(1), .deleted_at = now.wall + 1s});
    EXPECT_EQ(calls.size(), 1U);
}

}  // namespace
}  // namespace productd
