// Tests of failures that are the store's: the breaker, and an outage in part.
#include "app/worker/core/isolation_fixture.hpp"

namespace productd {
namespace {

using namespace test;
using namespace std::chrono_literals;

class IsolationOutageTest : public IsolationFixture {};

TEST_F(IsolationOutageTest, AKnownCulpritsFailuresDoNotOpenTheBreaker) {
    settings.parallelism = 2;
    settings.breaker.failures_max = 1;
    begin();
    make_culprit();
    fail_call(next_call(), Errc::internal);
    EXPECT_EQ(observer.last.breaker, CircuitBreaker::State::closed);
}

TEST_F(IsolationOutageTest, AWholeFailureOfOthersOpensTheBreakerAndASuccessClosesIt) {
    settings.breaker.failures_max = 2;
    begin();
    read_many(1, 2);
    fail_call(call(), Errc::internal);
    EXPECT_EQ(observer.last.breaker, CircuitBreaker::State::closed);
    fail_call(next_call(), Errc::internal);
    EXPECT_EQ(observer.last.breaker, CircuitBreaker::State::open);
    pass(1ms);
    end_probe();
    EXPECT_EQ(observer.last.breaker, CircuitBreaker::State::closed);
}

TEST_F(IsolationOutageTest, AStoreThatIsSilentForFourLimitsIsTakenForDown) {
    settings.call_timeout = 1s;
    begin();
    read(create(1));
    pass(1s);
    fail_call(call(), Errc::deadline_exceeded);
    pass(2'999ms);
    EXPECT_EQ(observer.last.breaker, CircuitBreaker::State::closed);
    pass(1ms);
    EXPECT_EQ(observer.last.breaker, CircuitBreaker::State::open);
}

TEST_F(IsolationOutageTest, ASuccessBetweenFailuresBeginsTheirCountAnew) {
    settings.breaker.failures_max = 2;
    begin();
    read_many(1, 2);
    fail_call(call(), Errc::internal);
    read(create(3));
    apply_all();
    read_many(4, 5);
    pass(1ms);
    while (!calls.empty()) apply(call());
    read_many(6, 7);
    fail_call(call(), Errc::internal);
    EXPECT_EQ(observer.last.breaker, CircuitBreaker::State::closed);
}

TEST_F(IsolationOutageTest, WhatWasTriedInCallsThatFailedWholeCountsAsTried) {
    settings.parallelism = 2;
    begin();
    read_many(1, 90);
    fail_call(call(), Errc::internal);
    read_many(101, 111);
    std::vector<ChangeOutcome> outcomes(2, ChangeOutcome{standing()});
    outcomes.resize(11, error(Errc::internal));
    answer(call(), outcomes);
    for (;;) {
        const auto one = next_call();
        if (*ids_of(one).begin() < id_of(100)) {
            fail_call(one, Errc::internal);
            continue;
        }
        EXPECT_EQ(one.changes.size(), 1U);
        return;
    }
}

TEST_F(IsolationOutageTest, WhatManyProductsFailWithIsTheirOwnOnceItLastsUnlessTheStoreSaysItIsIts) {
    for (const auto code : {Errc::internal, Errc::unavailable}) {
        settings.parallelism = 2;
        settings.item_retry_limit = 10s;
        begin();
        calls.clear();
        read_many(1, 20);
        std::vector<ChangeOutcome> outcomes(10, ChangeOutcome{standing()});
        outcomes.resize(20, error(code));
        answer(call(), outcomes);
        const auto together = next_call(5s);
        EXPECT_EQ(together.changes.size(), 10U);
        answer(together, error(code));
        pass(5s);
        EXPECT_EQ(next_call().changes.size(), code == Errc::internal ? 1U : 10U) << name(code);
        ends.clear();
    }
}

TEST_F(IsolationOutageTest, OnlyASuccessAfterItWasNoticedMakesAnOutageInPartTheProductsOwnFault) {
    settings.parallelism = 2;
    settings.item_retry_limit = 70s;
    begin();
    read_many(1, 100);
    std::vector<ChangeOutcome> outcomes(91, ChangeOutcome{standing()});
    outcomes.resize(100, error(Errc::internal));
    answer(call(), outcomes);
    // Nobody else was tried for a minute, and so the record's end is when it is noticed.
    pass(70s);
    end_probe();
    const auto together = call();
    EXPECT_EQ(together.changes.size(), 9U);
    answer(together, error(Errc::internal));
    pass(70s);
    if (calls.empty()) end_probe(fail(Errc::unavailable, "no"));
    EXPECT_EQ(call().changes.size(), 9U);
}

TEST_F(IsolationOutageTest, WhileManyProductsFailNobodysAttemptsCount) {
    settings.parallelism = 2;
    settings.item_attempts_max = 1;
    settings.item_retry_limit = 1h;
    begin();
    read_many(1, 20);
    const auto half = call();
    std::vector<ChangeOutcome> outcomes(10, ChangeOutcome{standing()});
    outcomes.resize(20, error(Errc::unavailable));
    answer(half, outcomes);
    const auto together = next_call();
    EXPECT_EQ(together.changes.size(), 10U) << "culprits go together while the store fails in part";
    answer(together, error(Errc::unavailable));
    EXPECT_TRUE(letters.empty());
    apply(next_call());
    EXPECT_EQ(observer.endings[Ending::applied], 20);
}

TEST_F(IsolationOutageTest, EightCulpritsAreTheirOwnFaultWhateverWasTried) {
    settings.parallelism = 2;
    begin();
    read_many(1, 10);
    std::vector<ChangeOutcome> outcomes(2, ChangeOutcome{standing()});
    outcomes.resize(10, error(Errc::internal));
    answer(call(), outcomes);
    EXPECT_EQ(next_call().changes.size(), 1U);
}

TEST_F(IsolationOutageTest, ManyCulpritsAreTheirOwnFaultWhereTenTimesAsManyWereTried) {
    settings.parallelism = 2;
    begin();
    read_many(1, 90);
    std::vector<ChangeOutcome> outcomes(81, ChangeOutcome{standing()});
    outcomes.resize(90, error(Errc::internal));
    answer(call(), outcomes);
    EXPECT_EQ(next_call().changes.size(), 1U);
}

}  // namespace
}  // namespace productd
