#include "runtime/health/health_watch.hpp"

#include <gmock/gmock.h>

#include "fakes/fake_message_log.hpp"
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
    std::promise<bool> first;
    auto told = [&, calls = 0](bool is_ready) mutable {
        if (calls++ == 0) first.set_value(is_ready);
    };

    HealthWatch watch(checking.executor(), {readiness, log, progress, metrics}, "group", {}, [](const auto&) {});
    watch.tell(telling.executor(), told);

    EXPECT_TRUE(first.get_future().get());
    EXPECT_TRUE(watch.stop(std::chrono::steady_clock::now() + std::chrono::minutes(1)));
}

}  // namespace
}  // namespace productd
