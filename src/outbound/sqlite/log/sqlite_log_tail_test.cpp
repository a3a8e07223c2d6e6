// The newest messages stay, within their bound.
#include "outbound/sqlite/log/sqlite_log_tail.hpp"

#include <gtest/gtest.h>

namespace productd {
namespace {

MessagePtr message(std::int64_t offset, std::size_t bytes = 100) {
    auto made = std::make_shared<Message>();
    made->position.offset = offset;
    made->value = std::string(bytes, 'x');
    return made;
}

TEST(SqliteLogTail, GivesWhatItHasFromAnOffsetOn) {
    SqliteLogTail tail(1'000'000);
    for (int i = 5; i < 10; ++i) tail.keep(1, message(i));
    EXPECT_EQ(tail.read(1, 7, {100}).size(), 3U);
    EXPECT_EQ(tail.read(1, 7, {100}).front()->position.offset, 7);
    EXPECT_EQ(tail.read(1, 5, {2}).size(), 2U);
    EXPECT_TRUE(tail.read(1, 4, {100}).empty());
    EXPECT_TRUE(tail.read(1, 10, {100}).empty());
    EXPECT_TRUE(tail.read(2, 5, {100}).empty());
}

TEST(SqliteLogTail, GivesAtLeastOneMessageHoweverLarge) {
    SqliteLogTail tail(1'000'000);
    tail.keep(1, message(0, 5'000));
    tail.keep(1, message(1, 5'000));
    EXPECT_EQ(tail.read(1, 0, {100, 10}).size(), 1U);
}

TEST(SqliteLogTail, GivesNoMoreThanThereIsRoomFor) {
    SqliteLogTail tail(1'000'000);
    for (int i = 0; i < 5; ++i) tail.keep(1, message(i));
    const auto one = wire_bytes(*message(0));
    EXPECT_EQ(tail.read(1, 0, {100, 3 * one}).size(), 3U);
    EXPECT_EQ(tail.read(1, 0, {100, 3 * one - 1}).size(), 2U);
}

TEST(SqliteLogTail, DropsTheOldestOfAllPartitionsBeyondItsBound) {
    SqliteLogTail tail(10 * memory_bytes(*message(0)));
    for (int i = 0; i < 8; ++i) tail.keep(1, message(i));
    for (int i = 0; i < 8; ++i) tail.keep(2, message(i));
    EXPECT_LE(tail.bytes(), 10 * memory_bytes(*message(0)));
    EXPECT_TRUE(tail.read(1, 5, {100}).empty());
    EXPECT_EQ(tail.read(1, 6, {100}).size(), 2U);
    EXPECT_EQ(tail.read(2, 0, {100}).size(), 8U);
}

TEST(SqliteLogTail, ForgetsAPartitionAltogether) {
    SqliteLogTail tail(1'000'000);
    tail.keep(1, message(0));
    tail.keep(2, message(0));
    tail.forget(1);
    EXPECT_TRUE(tail.read(1, 0, {100}).empty());
    tail.keep(1, message(7));
    EXPECT_EQ(tail.read(1, 7, {100}).size(), 1U);
    tail.forget(1);
    tail.forget(2);
    EXPECT_EQ(tail.bytes(), 0);
}

}  // namespace
}  // namespace productd
