// How many requests have lines, and that these tell how many there were.
#include "telemetry/access_sample.hpp"

#include <gtest/gtest.h>

#include <cmath>

namespace productd {
namespace {

using namespace std::chrono_literals;

TEST(AccessSample, WritesEveryLineWhereNothingElseIsSet) {
    for (int i = 0; i < 1'000; ++i) {
        const auto line = access_line({}, AccessEnd::success, 1us);
        EXPECT_TRUE(line.is_written);
        EXPECT_FALSE(line.sample) << "it stands for itself";
    }
}

TEST(AccessSample, NeverHidesAFailureNorASlowRequest) {
    for (int i = 0; i < 1'000; ++i) {
        const auto failed = access_line({.ratio = 0}, AccessEnd::failure, 1us);
        const auto slow = access_line({.ratio = 0, .slow = 500ms}, AccessEnd::success, 500ms);
        EXPECT_TRUE(failed.is_written && slow.is_written);
        EXPECT_FALSE(failed.sample || slow.sample);
        EXPECT_FALSE(access_line({.ratio = 0, .slow = 500ms}, AccessEnd::success, 499ms).is_written);
    }
}

TEST(AccessSample, TellsByWhatItWritesHowManyRequestsThereWere) {
    constexpr int requests = 100'000;
    constexpr double ratio = 0.1;
    double told = 0;
    int lines = 0;
    for (int i = 0; i < requests; ++i) {
        const auto line = access_line({.ratio = ratio}, AccessEnd::success, 1us);
        if (!line.is_written) continue;
        ++lines;
        told += line.sample.value_or(1);
    }
    const auto deviation = std::sqrt(requests * ratio * (1 - ratio));
    EXPECT_NEAR(lines, requests * ratio, 6 * deviation);
    EXPECT_NEAR(told, requests, 6 * deviation / ratio);
}

}  // namespace
}  // namespace productd
