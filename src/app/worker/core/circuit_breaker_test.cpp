// Tests of the circuit breaker on a clock by hand.
#include "app/worker/core/circuit_breaker.hpp"

#include <gtest/gtest.h>

namespace productd {
namespace {

using namespace std::chrono_literals;
using State = CircuitBreaker::State;

class CircuitBreakerTest : public testing::Test {
protected:
    void fail(int times) {
        for (int i = 0; i < times; ++i) breaker_.on_failure(now_);
    }
    /// How long it stays open from now.
    std::chrono::steady_clock::duration pause() const { return *breaker_.next_change() - now_; }
    void wait_until_half_open() { now_ = *breaker_.next_change(); }

    CircuitBreaker::Time now_{1h};
    CircuitBreaker breaker_{{.failures_max = 3, .backoff = {.min = 100ms, .max = 100ms}}, 10s, 1};
};

TEST_F(CircuitBreakerTest, OpensAtTheThirdFailureInARow) {
    fail(2);
    EXPECT_EQ(breaker_.state(now_), State::closed);
    EXPECT_FALSE(breaker_.next_change());
    breaker_.on_success();
    fail(2);
    EXPECT_EQ(breaker_.state(now_), State::closed);
    fail(1);
    EXPECT_EQ(breaker_.state(now_), State::open);
}

TEST_F(CircuitBreakerTest, IsHalfOpenOnceItsPauseIsOver) {
    fail(3);
    EXPECT_GE(pause(), 1ms);
    EXPECT_LE(pause(), 100ms);
    EXPECT_EQ(breaker_.state(now_ + pause() - 1ns), State::open);
    EXPECT_EQ(breaker_.state(now_ + pause()), State::half_open);
}

TEST_F(CircuitBreakerTest, ItsFirstPauseIsNoLongerThanTheShortest) {
    for (std::uint64_t seed = 0; seed < 50; ++seed) {
        CircuitBreaker breaker{{.failures_max = 1, .backoff = {.min = 100ms, .max = 1h}}, 10s, seed};
        breaker.on_failure(now_);
        EXPECT_LE(*breaker.next_change() - now_, 100ms);
    }
}

TEST_F(CircuitBreakerTest, OpensAgainAfterAProbeThatFailed) {
    fail(3);
    wait_until_half_open();
    fail(1);
    EXPECT_EQ(breaker_.state(now_), State::open);
    EXPECT_GT(pause(), 0ms);
}

TEST_F(CircuitBreakerTest, FailuresOfCallsThatBeganBeforeItOpenedDoNotLengthenThePause) {
    fail(3);
    const auto until = *breaker_.next_change();
    fail(20);
    EXPECT_EQ(breaker_.next_change(), until);
}

TEST_F(CircuitBreakerTest, ClosesAfterAProbeThatSucceededAndCountsFromTheBeginning) {
    fail(3);
    wait_until_half_open();
    breaker_.on_success();
    EXPECT_EQ(breaker_.state(now_), State::closed);
    EXPECT_FALSE(breaker_.next_change());
    fail(2);
    EXPECT_EQ(breaker_.state(now_), State::closed);
}

TEST_F(CircuitBreakerTest, ThePauseGrowsWithEachProbeThatFailsAndIsShortAgainAfterASuccess) {
    CircuitBreaker breaker{{.failures_max = 1, .backoff = {.min = 1ms, .max = 1h}}, 10s, 1};
    auto last = 0ns;
    for (int i = 0; i < 20; ++i) {
        breaker.on_failure(now_);
        last = *breaker.next_change() - now_;
        now_ = *breaker.next_change();
    }
    EXPECT_GT(last, 1s);  // Drawn from up to 524 s by this seed.
    breaker.on_success();
    breaker.on_failure(now_);
    EXPECT_EQ(*breaker.next_change() - now_, 1ms);
}

TEST_F(CircuitBreakerTest, TimeoutsOpenItOnceTheyHaveLasted) {
    const auto began = now_;
    now_ += 5s;
    breaker_.on_timeout(began, now_);
    EXPECT_EQ(breaker_.state(now_), State::closed);
    EXPECT_EQ(breaker_.next_change(), began + 10s);
    breaker_.on_timeout(now_, now_ + 1s);
    EXPECT_EQ(breaker_.next_change(), began + 10s);
    breaker_.on_time(began + 10s - 1ns);
    EXPECT_EQ(breaker_.state(now_), State::closed);
    breaker_.on_time(began + 10s);
    EXPECT_EQ(breaker_.state(began + 10s), State::open);
}

TEST_F(CircuitBreakerTest, ASuccessAmongTimeoutsBeginsTheirTimeAnew) {
    breaker_.on_timeout(now_, now_ + 5s);
    breaker_.on_success();
    breaker_.on_timeout(now_ + 6s, now_ + 12s);
    EXPECT_EQ(breaker_.state(now_ + 12s), State::closed);
    EXPECT_EQ(breaker_.next_change(), now_ + 16s);
}

TEST_F(CircuitBreakerTest, AProbeThatTimesOutOpensItAgainAtOnce) {
    fail(3);
    wait_until_half_open();
    breaker_.on_timeout(now_, now_ + 5s);
    EXPECT_EQ(breaker_.state(now_ + 5s), State::open);
}

}  // namespace
}  // namespace productd
