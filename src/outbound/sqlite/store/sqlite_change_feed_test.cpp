// What the contract of feeds cannot ask of every store: what the file keeps, and for how long.
#include "outbound/sqlite/store/sqlite_change_feed.hpp"

#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>

#include "contract/product_store_fixture.hpp"
#include "fakes/await.hpp"
#include "fakes/temp_folder.hpp"
#include "outbound/sqlite/store/sqlite_product_store.hpp"
#include "outbound/sqlite/store/sqlite_store_schema.hpp"

namespace productd {

namespace {

using contract::product;
using contract::store_id;
using contract::time_of;

class SqliteChangeFeedTest : public ::testing::Test {
protected:
    void open(std::int64_t changes_max = 1'000) {
        feed_.reset();
        store_.reset();
        auto opened = SqliteProductStore::open(
            {.path = path_, .tombstone_ttl = std::chrono::milliseconds(0), .changes_max = changes_max});
        ASSERT_TRUE(opened) << opened.error().detail << opened.error().cause;
        store_ = std::move(*opened);
        feed_ = store_->feed();
    }
    void write(ProductWrite write) {
        const auto written = await(store_->write({std::move(write)}, Deadline::max()));
        ASSERT_TRUE(written && written->front());
    }
    void create(int number) { write({std::nullopt, StoredProduct{product(number), {}}}); }
    Result<FeedPage> ask(std::optional<FeedPosition> after) {
        return await(feed_->changes(std::move(after), {}, {}, Deadline::max()));
    }
    std::vector<ProductId> told(const FeedPosition& after) {
        const auto page = ask(after);
        EXPECT_TRUE(page) << page.error().detail;
        std::vector<ProductId> ids;
        for (const auto& change : page ? page->changes : std::vector<ProductChange>()) ids.push_back(change.id);
        return ids;
    }
    Result<> execute(const char* sql) { return SqliteDatabase::open(store_file(path_, 1 << 20))->execute(sql); }

    TempFolder folder_;
    std::filesystem::path path_ = folder_ / "store.db";
    std::unique_ptr<SqliteProductStore> store_;
    std::unique_ptr<ChangeFeed> feed_;
};

TEST_F(SqliteChangeFeedTest, GoesOnAfterARestart) {
    open();
    create(1);
    const auto position = ask(std::nullopt)->next;
    create(2);
    open();
    create(3);
    EXPECT_EQ(told(position), (std::vector{store_id(2), store_id(3)}));
}

TEST_F(SqliteChangeFeedTest, KeepsTheLatestChangesAndSaysWhenAPositionIsTooOld) {
    open(10);
    std::vector<FeedPosition> positions{ask(std::nullopt)->next};
    for (int number = 1; number <= 30; ++number) {
        create(number);
        positions.push_back(ask(std::nullopt)->next);
    }
    for (std::size_t i = 0; i < positions.size(); ++i) {
        const auto page = ask(positions[i]);
        ASSERT_EQ(page.has_value(), i >= 20) << i;
        if (page) {
            EXPECT_EQ(page->changes.size(), 30 - i);
        } else {
            EXPECT_EQ(page.error().code, Errc::out_of_range);
        }
    }
    open(10);
    EXPECT_EQ(told(positions[25]).size(), 5u) << "numbers go on";
    create(31);
    EXPECT_EQ(told(positions[30]), std::vector{store_id(31)});
}

TEST_F(SqliteChangeFeedTest, SaysThatAStorePutBackHasNotComeToAPosition) {
    open();
    create(1);
    const auto before = ask(std::nullopt)->next;
    create(2);
    const auto after = ask(std::nullopt)->next;
    feed_.reset();
    store_.reset();
    ASSERT_TRUE(execute("DELETE FROM products WHERE change = 2; DELETE FROM changes WHERE number = 2"));
    open();
    EXPECT_EQ(ask(after).error().code, Errc::out_of_range);
    EXPECT_TRUE(told(before).empty());
    feed_.reset();
    store_.reset();
    ASSERT_TRUE(execute("UPDATE mark SET incarnation = incarnation + 1"));  // As a restore does.
    open();
    EXPECT_EQ(ask(before).error().code, Errc::out_of_range);
}

TEST_F(SqliteChangeFeedTest, TellsARemovedTombstoneAsDeletedToWhoMissedIt) {
    open();
    const auto begin = ask(std::nullopt)->next;
    create(1);
    create(2);
    write({Version{1}, Tombstone{store_id(1), {2}, time_of(1), {}}});
    feed_.reset();
    store_.reset();
    ASSERT_TRUE(execute("DELETE FROM products WHERE buried_at IS NOT NULL"));  // As the upkeep does.
    open();
    const auto page = ask(begin);
    ASSERT_TRUE(page);
    ASSERT_EQ(page->changes.size(), 3u);
    EXPECT_EQ(page->changes[0].id, store_id(1));
    EXPECT_EQ(page->changes[0].latest, Stored(Nothing{}));
    EXPECT_EQ(page->changes[1].id, store_id(2));
    EXPECT_EQ(page->changes[2].latest, Stored(Nothing{}));
    create(1);
    EXPECT_EQ(told(begin), (std::vector{store_id(2), store_id(1)})) << "made again it is what it is";
}

TEST_F(SqliteChangeFeedTest, LeavesOutWhatCannotBeReadAndGoesOn) {
    open();
    const auto begin = ask(std::nullopt)->next;
    create(1);
    create(2);
    feed_.reset();
    store_.reset();
    ASSERT_TRUE(execute("UPDATE products SET history = x'ff' WHERE change = 1"));
    open();
    EXPECT_EQ(told(begin), std::vector{store_id(2)});
    EXPECT_EQ(ask(std::nullopt)->changes.size(), 1u);
}

TEST_F(SqliteChangeFeedTest, AFailedWriteTellsNothing) {
    open();
    const auto begin = ask(std::nullopt)->next;
    create(1);
    auto late = product(2);
    late.created_at = Timestamp(std::chrono::hours(24 * 365 * 300));  // There is no place for it.
    const auto written = await(store_->write({{std::nullopt, StoredProduct{late, {}}}}, Deadline::max()));
    ASSERT_TRUE(written && !written->front());
    EXPECT_EQ(told(begin), std::vector{store_id(1)});
}

TEST_F(SqliteChangeFeedTest, EndsAWaitWhenItEnds) {
    open();
    const auto begin = ask(std::nullopt)->next;
    asio::io_context io;
    std::optional<Result<FeedPage>> answer;
    asio::co_spawn(io, feed_->changes(begin, {}, Deadline::max(), Deadline::max()),
                   [&](const std::exception_ptr&, Result<FeedPage> page) { answer = std::move(page); });
    io.poll();  // It waits now, or soon.
    feed_.reset();
    io.run();
    EXPECT_TRUE(answer && *answer && (*answer)->changes.empty());
}

}  // namespace

}  // namespace productd
