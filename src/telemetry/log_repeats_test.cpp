// What counts as the same, for how long, and how much of it is kept.
#include "telemetry/log_repeats.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace productd::log {
namespace {

using namespace std::chrono_literals;

class LogRepeatsTest : public testing::Test {
protected:
    bool admits(std::string_view message, Fields fields = {}) {
        return repeats_.admit(Level::warn, message, fields, now_);
    }
    /// How many of so many lines are admitted.
    int admitted(int lines, std::string_view message, Fields fields = {}) {
        int count = 0;
        for (int i = 0; i < lines; ++i) count += admits(message, fields) ? 1 : 0;
        return count;
    }

    LogRepeats repeats_{{.lines_max = 3, .period = 10s, .kinds_max = 8}};
    LogRepeats::Time now_{1h};
};

TEST_F(LogRepeatsTest, TellsWhatItLeftOutOnceWhenThePeriodIsOver) {
    EXPECT_EQ(admitted(10, "again", {{"error", "no route"}}), 3);
    EXPECT_EQ(repeats_.due(), now_ + 10s);
    EXPECT_TRUE(repeats_.take(now_ + 9s).empty());
    const auto told = repeats_.take(now_ + 10s);
    ASSERT_EQ(told.size(), 1U);
    EXPECT_EQ(told[0].message, "again");
    EXPECT_EQ(told[0].lines, 7U);
    EXPECT_EQ(told[0].why, (std::vector<std::pair<std::string, std::string>>{{"error", "no route"}}));
    EXPECT_TRUE(repeats_.take(now_ + 20s).empty());
    EXPECT_FALSE(repeats_.due());
}

TEST_F(LogRepeatsTest, AdmitsAsManyInTheNextPeriodAndTellsOfTheLastOne) {
    EXPECT_EQ(admitted(5, "again"), 3);
    now_ += 10s;
    EXPECT_EQ(admitted(5, "again"), 3);
    const auto told = repeats_.take(now_);
    ASSERT_EQ(told.size(), 1U);
    EXPECT_EQ(told[0].lines, 2U);
    EXPECT_EQ(repeats_.due(), now_ + 10s) << "of the second period";
}

TEST_F(LogRepeatsTest, DoesNotMergeDifferentCausesNorDifferentMessages) {
    EXPECT_EQ(admitted(5, "failed", {{"cause", "no route to host"}}), 3);
    EXPECT_EQ(admitted(5, "failed", {{"cause", "connection refused"}}), 3);
    EXPECT_EQ(admitted(5, "failed", {{"error", "no route to host"}}), 3);
    EXPECT_EQ(admitted(5, "failed otherwise", {{"cause", "no route to host"}}), 3);
    EXPECT_EQ(repeats_.take(now_ + 10s).size(), 4U);
}

TEST_F(LogRepeatsTest, DoesNotCompareIdsAndNumbersNorOtherFields) {
    int count = 0;
    for (int i = 0; i < 20; ++i) {
        const auto cause = fmt::format("10.0.0.{}:{} timed out after {} ms for 6{:023x}", i, 9092 + i, 100 * i, i);
        count += admits("failed", {{"cause", cause}, {"trace_id", fmt::format("{:032x}", i)}, {"offset", i}}) ? 1 : 0;
    }
    EXPECT_EQ(count, 3);
}

TEST_F(LogRepeatsTest, CountsAsOneWhatIsBeyondItsMemory) {
    int count = 0;
    for (char c = 'a'; c <= 'z'; ++c) count += admitted(5, std::string(3, c));
    EXPECT_EQ(count, (8 + 1) * 3) << "of eight kinds, and of all others";
    now_ += 10s;
    EXPECT_EQ(admitted(5, "new"), 3) << "room again, but for what is not told yet";
    EXPECT_EQ(repeats_.take(now_).size(), 9U);
}

TEST_F(LogRepeatsTest, HidesNoErrorBehindWarningsBeyondItsMemory) {
    for (char c = 'a'; c <= 'z'; ++c) admitted(5, std::string(3, c));
    EXPECT_TRUE(repeats_.admit(Level::error, "an error", {}, now_));
}

TEST_F(LogRepeatsTest, KeepsNoMoreThanItsMemoryWhereNobodyTakesWhatIsOver) {
    constexpr std::uint64_t periods = 1'000;
    for (std::uint64_t i = 0; i < periods; ++i, now_ += 10s) admitted(5, "again");
    const auto told = repeats_.take(now_);
    EXPECT_LE(told.size(), 8U + 1U);
    std::uint64_t lines = 0;
    for (const auto& repeated : told) lines += repeated.lines;
    EXPECT_EQ(lines, 2 * periods);
}

}  // namespace
}  // namespace productd::log
