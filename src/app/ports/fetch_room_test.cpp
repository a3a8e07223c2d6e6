#include "app/ports/fetch_room.hpp"

#include <gtest/gtest.h>

namespace productd {
namespace {

TEST(Fetch, TakesNoMoreThanThereIsRoomFor) {
    Fetch fetch({3, 100});
    EXPECT_TRUE(fetch.takes(40));
    EXPECT_TRUE(fetch.takes(60));
    EXPECT_TRUE(fetch.is_full());
    EXPECT_FALSE(fetch.takes(1));
    Fetch few({2, 100});
    EXPECT_TRUE(few.takes(1));
    EXPECT_FALSE(few.is_full());
    EXPECT_TRUE(few.takes(1));
    EXPECT_TRUE(few.is_full());
    EXPECT_FALSE(few.takes(1));
}

TEST(Fetch, TakesOneHoweverLargeItIs) {
    Fetch fetch({3, 100});
    EXPECT_TRUE(fetch.takes(101));
    EXPECT_TRUE(fetch.is_full());
    EXPECT_FALSE(fetch.takes(1));
}

TEST(Fetch, TakesAnotherAfterOneThatWasTooLargeForTheRest) {
    Fetch fetch({3, 100});
    EXPECT_TRUE(fetch.takes(60));
    EXPECT_FALSE(fetch.takes(41));
    EXPECT_FALSE(fetch.is_full());
    EXPECT_TRUE(fetch.takes(40));
}

TEST(Fetch, TakesNothingWhereNoMessageHasRoom) {
    Fetch fetch({});
    EXPECT_TRUE(fetch.is_full());
    EXPECT_FALSE(fetch.takes(0));
}

TEST(Fetch, IsBoundByCountAloneWhereNoBytesAreSaid) {
    Fetch fetch({2});
    EXPECT_TRUE(fetch.takes(std::size_t{1} << 40));
    EXPECT_TRUE(fetch.takes(std::size_t{1} << 40));
    EXPECT_FALSE(fetch.takes(0));
}

}  // namespace
}  // namespace productd
