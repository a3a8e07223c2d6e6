// Tests of messages that wait for their product: where the creates end, as the log tells it.
#include "app/worker/core/parking_fixture.hpp"

namespace productd {
namespace {

using namespace test;
using namespace std::chrono_literals;

TEST_F(ParkingTest, IsNotGivenUpBeforeTheCreatesAreReadToTheEndThatWasTold) {
    begin();
    park(1, 1);
    pass_seconds(11);
    ++ends[settings.topics.create];
    tell_creates_end();
    --ends[settings.topics.create];
    pass_seconds(3);
    EXPECT_TRUE(letters.empty());
    EXPECT_EQ(asks, 1) << "it has told";
    read(create(900));
    apply_all();
    pass_seconds(1);
    EXPECT_EQ(letters.size(), 1U);
}

TEST_F(ParkingTest, IsNotGivenUpByALookThatBeganBeforeTheLogHadTold) {
    begin();
    park(1, 1);
    pass_seconds(10);
    pass(1s);
    ASSERT_EQ(asks, 1);
    const auto earlier = look();
    tell_creates_end();
    find(earlier);
    EXPECT_TRUE(letters.empty());
    pass_seconds(1);
    EXPECT_EQ(letters.size(), 1U);
}

TEST_F(ParkingTest, WhereTheCreatesWereMadeAnewTheLogIsAskedAgain) {
    begin();
    read({create(900), create(901)});
    apply_all();
    park(1, 1);
    pass_seconds(11);
    tell_creates_end();
    ends[settings.topics.create] = 0;
    read(create(902));
    apply_all();
    pass_seconds(3);
    EXPECT_TRUE(letters.empty());
    EXPECT_EQ(asks, 2);
    tell_creates_end();
    pass_seconds(1);
    EXPECT_EQ(letters.size(), 1U);
}

// Its creates were made anew before all were read, and none came since: nobody tells that unless he is asked.
TEST_F(ParkingTest, WhereCreatesStayUnreadTheLogIsAskedWhetherTheyAreThereStill) {
    begin();
    park(1, 1);
    leave_a_create_unread();
    pass_seconds(9);
    ASSERT_EQ(asks, 0);
    pass_seconds(2);
    ASSERT_EQ(asks, 1);
    ends[settings.topics.create] = 0;
    tell_creates_end();
    pass_seconds(11);
    ASSERT_EQ(asks, 2);
    tell_creates_end();
    pass_seconds(1);
    EXPECT_EQ(letters.size(), 1U);
}

// As above, once its time is over.
TEST_F(ParkingTest, WhereCreatesThatWereToldOfStayUnreadTheLogIsAskedWhetherTheyAreThereStill) {
    begin();
    park(1, 1);
    pass_seconds(11);
    ASSERT_EQ(asks, 1);
    ends[settings.topics.create] = 5;
    tell_creates_end();
    pass_seconds(9);
    ASSERT_EQ(asks, 1);
    pass_seconds(2);
    ASSERT_EQ(asks, 2);
    ends[settings.topics.create] = 0;
    tell_creates_end();
    pass_seconds(1);
    EXPECT_EQ(letters.size(), 1U);
}

TEST_F(ParkingTest, WithOtherPartitionsTheLogIsAskedAgain) {
    begin();
    park(1, 1);
    pass_seconds(11);
    tell_creates_end();
    assign({settings.topics.create});
    pass_seconds(3);
    EXPECT_TRUE(letters.empty());
    EXPECT_EQ(asks, 2);
    tell_creates_end();
    pass_seconds(1);
    EXPECT_EQ(letters.size(), 1U);
}

}  // namespace
}  // namespace productd
