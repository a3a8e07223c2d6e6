// Tests of what a call's end says of its products: the table of the header.
#include "app/worker/core/isolation_fixture.hpp"

namespace productd {
namespace {

using namespace test;
using namespace std::chrono_literals;

class IsolationTest : public IsolationFixture {};

TEST_F(IsolationTest, AWholeFailureMakesSuspectsThatAreTriedByHalves) {
    settings.parallelism = 2;
    begin();
    read_many(1, 8);
    auto failed = call();
    EXPECT_EQ(failed.changes.size(), 8U);
    fail_call(failed, Errc::internal);
    EXPECT_EQ(observer.retries, (std::vector{std::pair{std::string("internal"), std::size_t{8}}}));
    EXPECT_TRUE(calls.empty()) << "after a pause";
    failed = next_call();
    EXPECT_EQ(failed.changes.size(), 4U);
    fail_call(failed, Errc::internal);
    EXPECT_EQ(call().changes.size(), 4U) << "those that wait have failed once";
    pass(1ms);
    EXPECT_TRUE(calls.empty()) << "one place is the trusted products'";
}

TEST_F(IsolationTest, WhatRunsOutOfTimeIsTriedBySixteenths) {
    begin();
    read_many(1, 32);
    fail_call(call(), Errc::deadline_exceeded);
    EXPECT_EQ(next_call().changes.size(), 2U);
}

TEST_F(IsolationTest, OnlyATimeoutOfTrustedProductsMakesTheCallsSmaller) {
    settings.batch_max = 4;
    settings.parallelism = 2;
    begin();
    read_many(1, 4);
    fail_call(call(), Errc::internal);
    read_many(5, 8);
    const auto trusted = call();
    EXPECT_EQ(trusted.changes.size(), 4U) << "a failure that is told says nothing of the pace";
    apply(trusted);
    fail_call(next_call(), Errc::deadline_exceeded);
    calls.clear();
    read_many(9, 12);
    ASSERT_EQ(calls.size(), 1U);
    EXPECT_EQ(calls.front().changes.size(), 4U) << "nor does a suspects' time-out";
    fail_call(call(), Errc::deadline_exceeded);
    calls.clear();
    read_many(13, 16);
    EXPECT_EQ(calls.front().changes.size(), 2U);
}

TEST_F(IsolationTest, OnlyASlowAnswerOfTrustedProductsMakesTheCallsSmaller) {
    settings.batch_max = 4;
    settings.parallelism = 2;
    begin();
    read_many(1, 2);
    fail_call(call(), Errc::internal);
    const auto suspect = next_call();
    pass(2s);
    apply(suspect);
    calls.clear();
    read_many(5, 8);
    const auto trusted = calls.back();
    EXPECT_EQ(trusted.changes.size(), 4U);
    pass(2s);
    apply(trusted);
    calls.clear();
    read_many(9, 12);
    EXPECT_EQ(calls.back().changes.size(), 2U);
}

TEST_F(IsolationTest, ASuspectThatSucceedsGoesWithTheOthersAgain) {
    begin();
    read_many(1, 2);
    fail_call(call(), Errc::internal);
    apply(next_call());
    apply(next_call());
    read_many(1, 4);
    EXPECT_EQ(call().changes.size(), 4U);
}

TEST_F(IsolationTest, TheRestOfASuspectThatSucceedsNoLongerWaitsForTheOtherSuspects) {
    settings.parallelism = 2;
    begin();
    read({create(1), create(1), create(2)});
    fail_call(call(), Errc::internal);
    const auto first = next_call();
    EXPECT_EQ(first.changes.size(), 1U);
    apply(first);
    EXPECT_EQ(calls.size(), 2U);
}

TEST_F(IsolationTest, WhatLostARaceIsTriedAgainSoonAndIsNobodysFailure) {
    begin();
    read(create(1));
    answer(call(), ChangeOutcome{LostRace{}});
    EXPECT_EQ(core->wake_at(now), now.steady + 10ms);
    pass(9ms);
    EXPECT_TRUE(calls.empty());
    pass(1ms);
    apply(call());
    EXPECT_TRUE(observer.retries.empty());
    EXPECT_EQ(observer.endings[Ending::applied], 1);
}

TEST_F(IsolationTest, OneOfSeveralThatIsRefusedForGoodIsFoundByHalves) {
    settings.parallelism = 2;
    begin();
    read({create(1), create(1), create(1), create(1)});
    answer(call(), error(Errc::invalid_argument));
    const auto half = next_call();
    EXPECT_EQ(half.changes.size(), 2U);
    EXPECT_TRUE(letters.empty());
    answer(half, error(Errc::invalid_argument));
    const auto one = next_call();
    EXPECT_EQ(one.changes.size(), 1U);
    answer(one, error(Errc::invalid_argument));
    ASSERT_EQ(letters.size(), 1U);
    EXPECT_EQ(letters.front().code, "invalid_argument");
    EXPECT_EQ(letters.front().item->message.position.offset, 0);
    EXPECT_TRUE(observer.retries.empty());
    pass(1s);
    EXPECT_TRUE(calls.empty()) << "the others wait for its letter";
    acknowledge_letters();
    apply(next_call());
    EXPECT_EQ(next_call().changes.size(), 2U) << "what succeeds goes together again";
}

TEST_F(IsolationTest, WhatIsRefusedForGoodTogetherKeepsApartFromTrustedProducts) {
    begin();
    read({create(1), create(1), create(1), create(1)});
    read(create(9));
    answer(call(), error(Errc::invalid_argument));
    const auto half = call();
    EXPECT_EQ(half.changes.size(), 2U);
    EXPECT_EQ(ids_of(half), std::set{id_of(1)});
}

TEST_F(IsolationTest, SeveralChangesOfOneProductThatFailAloneAreHalved) {
    settings.parallelism = 2;
    begin();
    read({create(1), create(1), create(1), create(1)});
    answer(call(), error(Errc::internal));
    EXPECT_TRUE(calls.empty());
    EXPECT_EQ(observer.retries, (std::vector{std::pair{std::string("internal"), std::size_t{4}}}));
    EXPECT_EQ(next_call().changes.size(), 2U);
    EXPECT_EQ(observer.last.in_flight, 4U);
}

TEST_F(IsolationTest, WhatFailsTogetherAloneKeepsApartFromTrustedProducts) {
    begin();
    read({create(1), create(1), create(1), create(1)});
    answer(call(), error(Errc::internal));
    read(create(9));
    const auto trusted = call();
    read(create(10));
    pass(1ms);
    apply(trusted);
    const auto half = call();
    EXPECT_EQ(half.changes.size(), 2U);
    EXPECT_EQ(ids_of(half), std::set{id_of(1)});
}

TEST_F(IsolationTest, ThePauseAfterTheFirstFailureIsTheShortest) {
    settings.breaker.backoff = {.min = 1ms, .max = 1h};
    begin();
    for (std::uint32_t number = 1; number <= 20; ++number) {  // Later pauses are drawn, and may be as short.
        read(create(number));
        answer(call(), error(Errc::internal));
        pass(1ms);
        while (!probes.empty()) end_probe();
        apply(call());
    }
}

TEST_F(IsolationTest, ThePauseGrowsWithEachFailureOfSeveralAlone) {
    settings.breaker.backoff = {.min = 1ms, .max = 1h};
    begin();
    read(std::vector(200, create(1)));
    std::chrono::steady_clock::duration pause{};
    for (int changes = 200; changes > 1; changes /= 2) {
        answer(call(), error(Errc::internal));
        pause = core->wake_at(now) - now.steady;
        pass(std::chrono::ceil<std::chrono::milliseconds>(pause));
    }
    EXPECT_GT(pause, 2ms);
}

TEST_F(IsolationTest, SeveralChangesOfAProductThatFailWhileAnotherDoesNotGoOneByOne) {
    settings.parallelism = 2;
    begin();
    read({create(1), create(2), create(2), create(2), create(2)});
    answer(call(),
           {standing(), error(Errc::internal), error(Errc::internal), error(Errc::internal), error(Errc::internal)});
    EXPECT_EQ(next_call().changes.size(), 1U);
}

}  // namespace
}  // namespace productd
