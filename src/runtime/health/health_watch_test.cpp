#include "runtime/health/health_watch.hpp"

#include <gmock/gmock.h>

#include "fakes/fake_message_log.hpp"
#include "fakes/fake_ports.hpp"
#include "runtime/io_threads.hpp"

namespace productd {
namespace {

TEST(HealthWatchTest, WhatIsToldFirstIsWhatTheFirstRoundFoundHoweverLongItTakes) {
    IoThreads checking("checks", 1);
    IoThreads telling("telling", 1);
    Readiness readiness;
    readiness.add("slow", Readiness::Weight::essential, []() -> Task<> {
        co_await sleep_until(std::chrono::steady_clock::now() + std::chrono::milliseconds(200));
        co_return Result<>{};
    });
    test::FakeMessageLog log;
    ProgressWatch progress;
    Metrics metrics;
    test::FakeClock clock;
    std::promise<bool> first;
    auto told = [&, calls = 0](bool is_ready) mutable {
        if (calls++ == 0) first.set_value(is_ready);
    };

    HealthWatch watch(checking.executor(), {readiness, log, progress, clock, metrics}, "group", {}, [](const auto&) {});
    watch.tell(telling.executor(), told);

    EXPECT_TRUE(first.get_future().get());
    EXPECT_TRUE(watch.stop(std::chrono::steady_clock::now() + std::chrono::minutes(1)));
}

TEST(HealthWatchTest, ACheckThatAStopCutsShortHasNotFailed) {
    IoThreads checking("checks", 1);
    Readiness readiness({.patience = std::chrono::hours(1)});
    std::promise<void> asked;
    readiness.add("slow", Readiness::Weight::essential, [&asked, calls = 0]() mutable -> Task<> {
        if (calls++ == 0) co_return Result<>{};
        asked.set_value();
        co_await sleep_until(Deadline::max());
        co_return Result<>{};
    });
    test::FakeMessageLog log;
    ProgressWatch progress;
    Metrics metrics;
    test::FakeClock clock;
    std::atomic<int> failures{0};
    const auto noted = [&failures](const Readiness::Report& report) { failures += report.is_ready ? 0 : 1; };

    HealthWatch watch(checking.executor(), {readiness, log, progress, clock, metrics}, "group", {}, noted);
    asked.get_future().wait();
    EXPECT_TRUE(watch.stop(std::chrono::steady_clock::now() + std::chrono::minutes(1)));
    EXPECT_EQ(failures, 0);
}

}  // namespace
}  // namespace productd
