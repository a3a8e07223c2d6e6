// Tests of how much the store is asked at a time.
#include "app/worker/core/pace.hpp"

#include <gtest/gtest.h>

#include "app/worker/core/worker_settings.hpp"

namespace productd {
namespace {

using namespace std::chrono_literals;

TEST(Pace, IsThatOfTheWorkersSettingsUnlessToldOtherwise) {
    const WorkerSettings worker;
    const Pace pace({});
    EXPECT_EQ(pace.size(), worker.batch_max);
    EXPECT_EQ(pace.places(), worker.parallelism);
    EXPECT_EQ(pace.limit(), worker.call_timeout);
}

TEST(Pace, HalvesWhatTakesLongAndDoublesWhatIsQuick) {
    Pace pace({.size_max = 1'000});
    EXPECT_EQ(pace.size(), 1'000U);
    pace.on_answer(501ms);
    EXPECT_EQ(pace.size(), 500U);
    pace.on_answer(500ms);
    pace.on_answer(100ms);
    EXPECT_EQ(pace.size(), 500U);
    pace.on_answer(99ms);
    EXPECT_EQ(pace.size(), 1'000U);
    pace.on_answer(1ms);
    EXPECT_EQ(pace.size(), 1'000U);
}

TEST(Pace, GivesMoreAgainWhereLessWasAsSlow) {
    Pace pace({.size_max = 1'000});
    pace.on_answer(2s);
    pace.on_answer(1'600ms);
    EXPECT_EQ(pace.size(), 1'000U);
    pace.on_answer(2s);
    pace.on_answer(1'400ms);
    EXPECT_EQ(pace.size(), 250U);
}

TEST(Pace, NeverAsksForNothing) {
    Pace pace({.size_max = 2, .places_max = 1});
    for (int i = 0; i < 5; ++i) pace.on_timeout();
    EXPECT_EQ(pace.size(), 1U);
    EXPECT_EQ(pace.places(), 1U);
}

TEST(Pace, ATimeoutGivesLessAtATimeWithMoreTime) {
    Pace pace({.size_max = 1'000, .places_max = 4, .limit_min = 5s});
    pace.on_timeout();
    EXPECT_EQ(pace.size(), 500U);
    EXPECT_EQ(pace.places(), 3U);
    EXPECT_EQ(pace.limit(), 10s);
    for (int i = 0; i < 5; ++i) pace.on_timeout();
    EXPECT_EQ(pace.places(), 2U);
    EXPECT_EQ(pace.limit(), 20s);
    EXPECT_EQ(pace.longer(5s), 10s);
    EXPECT_EQ(pace.longer(20s), 20s);
}

TEST(Pace, TenAnswersInARowGiveAPlaceBackAndHalveTheLimit) {
    Pace pace({.size_max = 1'000, .places_max = 4, .limit_min = 5s});
    for (int i = 0; i < 2; ++i) pace.on_timeout();
    for (int i = 0; i < 9; ++i) pace.on_answer(200ms);
    EXPECT_EQ(pace.places(), 2U);
    pace.on_timeout();
    for (int i = 0; i < 9; ++i) pace.on_answer(200ms);
    EXPECT_EQ(pace.places(), 2U);
    pace.on_answer(200ms);
    EXPECT_EQ(pace.places(), 3U);
    EXPECT_EQ(pace.limit(), 10s);
    for (int i = 0; i < 9; ++i) pace.on_answer(200ms);
    EXPECT_EQ(pace.places(), 3U) << "the next one takes ten more";
    for (int i = 0; i < 30; ++i) pace.on_answer(200ms);
    EXPECT_EQ(pace.places(), 4U);
    EXPECT_EQ(pace.limit(), 5s);
}

}  // namespace
}  // namespace productd
