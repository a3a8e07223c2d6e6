// That products stand in order within each lane, and densely.
#include "outbound/sqlite/store/sqlite_store_lanes.hpp"

#include <gtest/gtest.h>

#include <random>

#include "fakes/sample_product.hpp"
#include "fakes/temp_folder.hpp"
#include "outbound/sqlite/store/sqlite_store_schema.hpp"

namespace productd {
namespace {

std::int64_t stream_of(std::int64_t position) { return position >> stream_bits; }

class SqliteStoreLanesTest : public ::testing::Test {
protected:
    TempFolder folder_;
    SqliteDatabase database_ = SqliteDatabase::open(store_file(folder_ / "store.db", 1 << 20)).value();
    SqliteStoreLanes lanes_ = SqliteStoreLanes::load(database_).value();
};

TEST_F(SqliteStoreLanesTest, PutsProductsThatComeInOrderSideBySide) {
    for (int i = 0; i < 100; ++i) EXPECT_EQ(lanes_.place(test::at(1'000 + i / 2)), position_stream(1).first + 1 + i);
    EXPECT_EQ(lanes_.in_use(), 0b10u);
}

TEST_F(SqliteStoreLanesTest, NeedsNoMoreLanesThanThereAreSourcesInOrderByThemselves) {
    // Two partitions apart by minutes, and now and then a product whose time is an hour ahead.
    std::int64_t ahead = 500'000, behind = 1'000, skewed = 3'600'000;
    for (int i = 0; i < 1'000; ++i) {
        ASSERT_TRUE(lanes_.place(test::at(ahead += 3)));
        ASSERT_TRUE(lanes_.place(test::at(behind += 2)));
        if (i % 100 == 0) ASSERT_TRUE(lanes_.place(test::at(skewed += 1)));
    }
    EXPECT_EQ(lanes_.in_use(), 0b1110u);
}

TEST_F(SqliteStoreLanesTest, KeepsEveryLaneInOrderAndRefusesWhatFitsInNone) {
    std::mt19937 random(1);
    std::map<std::int64_t, std::pair<std::int64_t, Timestamp>> last;
    int refused = 0;
    for (int i = 0; i < 5'000; ++i) {
        const auto time = test::at(static_cast<std::int64_t>(random() % 10'000));
        const auto position = lanes_.place(time);
        if (!position) {
            ++refused;
            for (const auto& [stream, end] : last) ASSERT_GT(end.second, time);
            continue;
        }
        auto& end = last[stream_of(*position)];
        ASSERT_GT(*position, end.first);
        ASSERT_GE(time, end.second);
        end = {*position, time};
    }
    EXPECT_EQ(last.size(), stream_count - 1);
    EXPECT_GT(refused, 0);
}

TEST_F(SqliteStoreLanesTest, GivesLateProductsPositionsInTheOrderOfTheirTimes) {
    const auto earlier = SqliteStoreLanes::late(test::at(1'700'000'000'000)).value();
    const auto later = SqliteStoreLanes::late(test::at(1'700'000'000'001)).value();
    EXPECT_LT(earlier.last, later.first);
    EXPECT_EQ(stream_of(earlier.first), 0);
    EXPECT_EQ(earlier.last - earlier.first + 1, 1 << 18);
    EXPECT_FALSE(SqliteStoreLanes::late(test::at(-1)));
    EXPECT_TRUE(SqliteStoreLanes::late(test::at(0)));
    EXPECT_TRUE(SqliteStoreLanes::late(test::at(4'398'046'511'103)));
    EXPECT_FALSE(SqliteStoreLanes::late(test::at(4'398'046'511'104)));
}

}  // namespace
}  // namespace productd
