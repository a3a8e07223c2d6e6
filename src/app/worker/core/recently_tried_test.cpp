// Tests of the count over the last minute.
#include "app/worker/core/recently_tried.hpp"

#include <gtest/gtest.h>

namespace productd {
namespace {

using namespace std::chrono_literals;

TEST(RecentlyTried, ForgetsWhatIsAMinuteOldAndKeepsWhatIsHalfOfOne) {
    RecentlyTried tried;
    const RecentlyTried::Time begin{1h};
    EXPECT_EQ(tried.count(begin), 0U);
    tried.note(3, begin);
    tried.note(4, begin + 29s);
    EXPECT_EQ(tried.count(begin + 29s), 7U);
    tried.note(5, begin + 30s);
    EXPECT_EQ(tried.count(begin + 59s), 12U);
    EXPECT_EQ(tried.count(begin + 60s), 5U);
    EXPECT_EQ(tried.count(begin + 90s), 0U);
}

// The steady clock counts from when the machine began.
TEST(RecentlyTried, HasNoneAtFirstAlsoOnAMachineThatHasJustBegun) {
    RecentlyTried tried;
    const RecentlyTried::Time begin{1s};
    EXPECT_EQ(tried.count(begin), 0U);
    tried.note(3, begin);
    EXPECT_EQ(tried.count(begin), 3U);
}

TEST(RecentlyTried, APauseOfAMinuteForgetsAll) {
    RecentlyTried tried;
    const RecentlyTried::Time begin{1h};
    tried.note(3, begin);
    EXPECT_EQ(tried.count(begin + 59s), 3U);
    tried.note(3, begin + 59s);
    EXPECT_EQ(tried.count(begin + 10min), 0U);
}

}  // namespace
}  // namespace productd
