// Who asks the checks, how often, and what is told of them.
#include "app/health/readiness.hpp"

#include <gtest/gtest.h>

#include <thread>

#include "fakes/await.hpp"

namespace productd {
namespace {

using namespace std::chrono_literals;
using Weight = Readiness::Weight;

/// A check that hangs until it is let go, or given up.
struct HangingCheck {
    int asked = 0;
    int running = 0;
    std::optional<Signal> released;

    Task<> operator()() {
        ++asked;
        ++running;
        released.emplace(co_await asio::this_coro::executor);
        co_await released->wait();
        --running;
        co_return Result<>{};
    }
};

class ReadinessTest : public ::testing::Test {
protected:
    asio::io_context context{1};
    Readiness readiness{{.patience = 5ms}};
    int asked = 0;

    void run(auto task) {
        bool ended = false;
        asio::co_spawn(context, std::move(task), [&](std::exception_ptr error, auto&&...) {
            if (error) std::rethrow_exception(error);
            ended = true;
        });
        context.restart();
        while (!ended) context.run_one();
    }
    std::function<Task<>()> answers(Result<> result) {
        return [this, result]() -> Task<> {
            ++asked;
            co_return result;
        };
    }
    static std::string detail(const Readiness::Report& report, const std::string& name) {
        for (const auto& check : report.checks) {
            if (check.name == name) return check.result ? "ok" : check.result.error().detail;
        }
        return "no such check";
    }
};

TEST_F(ReadinessTest, TellsWhatTheLastRoundFoundAndAsksNobody) {
    readiness.add("store", Weight::essential, answers({}));
    run(readiness.ask_all());
    for (int i = 0; i < 1'000; ++i) EXPECT_TRUE(readiness.report().is_ready);
    EXPECT_EQ(asked, 1);
}

TEST_F(ReadinessTest, IsNotReadyBeforeTheFirstRound) {
    readiness.add("store", Weight::essential, answers({}));
    EXPECT_FALSE(readiness.report().is_ready);
    EXPECT_EQ(detail(readiness.report(), "checks"), "They run for the first time.");
}

TEST_F(ReadinessTest, IsNotReadyOnAReportThatIsTooOld) {
    Readiness impatient({.patience = 5ms, .age_max = 1ms});
    impatient.add("store", Weight::essential, answers({}));
    run(impatient.ask_all());
    while (impatient.report().age <= 1ms) std::this_thread::yield();
    EXPECT_FALSE(impatient.report().is_ready) << "whoever asks hangs";
    EXPECT_EQ(detail(impatient.report(), "store"), "ok");
    EXPECT_TRUE(detail(impatient.report(), "checks").starts_with("They were last made "));
}

TEST_F(ReadinessTest, AsksNoCheckAgainThatHasNotAnsweredYet) {
    HangingCheck hanging;
    readiness.add("store", Weight::essential, [&] { return hanging(); });
    int rounds = 0;
    readiness.add("log", Weight::essential, [&]() -> Task<> {
        if (++rounds == 4) hanging.released->notify();
        co_return Result<>{};
    });
    for (int round = 0; round < 3; ++round) run(readiness.ask_all());
    EXPECT_EQ(hanging.asked, 1);
    EXPECT_EQ(rounds, 3);
    EXPECT_FALSE(readiness.report().is_ready);
    EXPECT_EQ(detail(readiness.report(), "store"), "It did not answer in time.");

    run(readiness.ask_all());
    EXPECT_TRUE(readiness.report().is_ready) << "it has answered at last";
    EXPECT_EQ(hanging.asked, 1);
    run(readiness.ask_all());
    EXPECT_EQ(hanging.asked, 2);
    run(readiness.end());
}

TEST_F(ReadinessTest, EndsWithTheChecksThatHang) {
    HangingCheck hanging;
    readiness.add("store", Weight::essential, [&] { return hanging(); });
    run(readiness.ask_all());
    EXPECT_EQ(hanging.running, 1);
    run(readiness.end());
    EXPECT_EQ(hanging.running, 0);
}

TEST_F(ReadinessTest, IsDegradedByWhatIsNotEssentialWhenItIsAsked) {
    auto weight = Weight::degrading;
    readiness.add("store", [&] { return weight; }, answers(fail(unavailable("It is down."))));
    readiness.add("log", Weight::essential, answers({}));
    run(readiness.ask_all());
    EXPECT_TRUE(readiness.report().is_ready);
    EXPECT_TRUE(readiness.report().is_degraded);
    EXPECT_EQ(detail(readiness.report(), "store"), "It is down.");
    weight = Weight::essential;
    run(readiness.ask_all());
    EXPECT_FALSE(readiness.report().is_ready);
}

TEST_F(ReadinessTest, IsNotReadyOnceItStopsWhateverTheChecksSay) {
    readiness.add("store", Weight::essential, answers({}));
    run(readiness.ask_all());
    readiness.begin_stop();
    EXPECT_FALSE(readiness.report().is_ready);
    EXPECT_EQ(detail(readiness.report(), "service"), "It is stopping.");
    run(readiness.ask_all());
    EXPECT_FALSE(readiness.report().is_ready);
}

}  // namespace
}  // namespace productd
