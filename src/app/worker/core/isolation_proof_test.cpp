// Tests of when a failure is a product's own, and of when its message is condemned.
#include "app/worker/core/isolation_fixture.hpp"

namespace productd {
namespace {

using namespace test;
using namespace std::chrono_literals;

class IsolationProofTest : public IsolationFixture {};

TEST_F(IsolationProofTest, IsCondemnedAfterItsAttemptsOnceAnotherHasSucceededAgain) {
    condemn_after(4, 2);
    begin();
    make_culprit();
    EXPECT_EQ(failures_until_letter(), 3);
    ASSERT_EQ(letters.size(), 1U);
    EXPECT_EQ(letters.front().code, "retry_exhausted");
    EXPECT_EQ(letters.front().error.code, Errc::internal);
    EXPECT_EQ(letters.front().item->attempts, 4);
    EXPECT_EQ(observer.last.in_flight, 1U);
    acknowledge_letters();
    EXPECT_EQ(observer.last.in_flight, 0U);
}

TEST_F(IsolationProofTest, TheFirstFailureOfWhoIsAloneIsNotItsOwn) {
    settings.item_attempts_max = 2;
    settings.item_retry_limit = 0ms;
    begin();
    read(create(2));
    answer(call(), error(Errc::internal));
    EXPECT_EQ(failures_until_letter(), 2) << "two more, that stand between successes";
}

TEST_F(IsolationProofTest, WithoutProofNothingIsCondemned) {
    condemn_after(1, 2);
    begin();
    make_culprit();
    for (int n = 0; n < 50; ++n) {
        pass(1ms);
        while (!probes.empty()) end_probe(fail(Errc::unavailable, "no"));
        while (!calls.empty()) answer(call(), error(Errc::internal));
    }
    EXPECT_TRUE(letters.empty());
    failures_until_letter();
    EXPECT_EQ(letters.size(), 1U);
}

TEST_F(IsolationProofTest, ACallInWhichOnlySomeFailedIsNoReasonToTryTheAccusedAgain) {
    condemn_after(1, 2);
    begin();
    make_culprit();
    read({create(3), create(4)});
    answer(call(), {ChangeOutcome{Unchanged{.was_applied = true}}, error(Errc::internal)});
    end_probe();
    ASSERT_EQ(letters.size(), 1U);
    EXPECT_EQ(letters.front().item->event.change.id, id_of(2));
}

TEST_F(IsolationProofTest, ACallThatFailedWholeIsAReasonToTryTheAccusedAgain) {
    condemn_after(1, 2);
    begin();
    make_culprit();
    read({create(3), create(4)});
    fail_call(call(), Errc::internal);
    end_probe();
    EXPECT_TRUE(letters.empty());
}

TEST_F(IsolationProofTest, AFailureOfAWholeCallThatBeganEarlierIsNoReasonToTryTheAccusedAgain) {
    condemn_after(1, 3);
    begin();
    read({create(1), create(2)});
    const auto first = call();
    read({create(3), create(4)});
    const auto earlier = call();
    answer(first, {ChangeOutcome{standing()}, error(Errc::internal)});
    fail_call(earlier, Errc::internal);
    end_probe();
    EXPECT_EQ(letters.size(), 1U);
}

TEST_F(IsolationProofTest, ASuccessOfACallThatBeganBeforeItsLastFailureIsNoProof) {
    condemn_after(2, 3);
    begin();
    make_culprit();
    const auto alone = next_call();
    read(create(3));
    const auto earlier = call();
    fail_call(alone, Errc::internal);
    apply(earlier);
    EXPECT_TRUE(letters.empty());
    end_probe();
    EXPECT_EQ(letters.size(), 1U);
}

TEST_F(IsolationProofTest, IsNotCondemnedBeforeItHasFailedForSoLong) {
    settings.parallelism = 2;
    settings.item_attempts_max = 2;
    settings.item_retry_limit = 10s;
    begin();
    make_culprit();
    const auto began = now.steady;
    failures_until_letter(1s);
    EXPECT_EQ(letters.size(), 1U);
    EXPECT_GE(now.steady - began, 10s);
    EXPECT_LE(now.steady - began, 12s);
    EXPECT_EQ(letters.front().item->first_failure, at(1'700'000'000'000));
}

TEST_F(IsolationProofTest, IsCondemnedEarlyWhereItsLaneIsFull) {
    settings.parallelism = 2;
    settings.lane_max = 3;
    begin();
    make_culprit();
    read({create(2), create(2)});
    const auto began = now.steady;
    EXPECT_EQ(failures_until_letter(4s), 4) << "five attempts";
    EXPECT_GE(now.steady - began, 10s);
    EXPECT_LE(now.steady - began, 20s);
}

TEST_F(IsolationProofTest, IsNotCondemnedEarlyWhereItHoldsUpNobody) {
    settings.parallelism = 2;
    begin();
    make_culprit();
    for (int n = 0; n < 18; ++n) answer(next_call(10s), error(Errc::internal));
    EXPECT_TRUE(letters.empty());
}

TEST_F(IsolationProofTest, WhatTheStoreSaysOfItselfIsNotTakenForAProductsFaultBeforeTwoMinutes) {
    settings.parallelism = 2;
    settings.lane_max = 3;
    begin();
    make_culprit(Errc::unavailable);
    read({create(2), create(2)});
    const auto began = now.steady;
    failures_until_letter(9s, Errc::unavailable);
    EXPECT_GE(now.steady - began, 2min);
    EXPECT_LE(now.steady - began, 3min);
}

TEST_F(IsolationProofTest, TheNextOfItsProductThatFailsAlikeIsCondemnedAtOnce) {
    condemn_after(4, 2);
    begin();
    make_culprit();
    read(create(2));
    failures_until_letter();
    acknowledge_letters();
    EXPECT_EQ(failures_until_letter(), 1);
    acknowledge_letters();
    // Once one of them succeeds it is as any other.
    read({create(2), create(3)});
    apply(next_call());
    while (!calls.empty()) apply(call());
    read({create(2), create(3)});
    answer(next_call(), {error(Errc::internal), standing()});
    EXPECT_EQ(failures_until_letter(), 3);
}

}  // namespace
}  // namespace productd
