// What the embedded log drops and what it never drops, and what it says when it is full.
#include "outbound/sqlite/log/sqlite_log_retention.hpp"

#include <atomic>

#include "fakes/overlapping_readers.hpp"

#include "outbound/sqlite/log/sqlite_log_fixture.hpp"

namespace productd {
namespace {

class SqliteLogRetentionTest : public SqliteLogTest {
protected:
    SqliteLogRetentionTest() {
        settings_.age_max = std::chrono::hours(1);
        settings_.retention_interval = std::chrono::milliseconds(1);
        settings_.commit_delay = std::chrono::milliseconds(1);
        settings_.kept_topics = {{"dead-letter-queue", 50'000}, {"dead-letter-state", 50'000}};
        settings_.now = [this] { return Timestamp(std::chrono::milliseconds(now_.load())); };
    }

    void pass(std::chrono::milliseconds time) { now_ += time.count(); }
    void until_begin_is(const std::string& topic, std::int64_t begin) {
        const auto limit = std::chrono::steady_clock::now() + std::chrono::minutes(1);
        while (partition(topic).begin != begin) {
            ASSERT_LT(std::chrono::steady_clock::now(), limit) << topic << partition(topic).begin;
        }
    }
    void until_there_is_room() {
        const auto limit = std::chrono::steady_clock::now() + std::chrono::minutes(1);
        while (!loop_.run(log_->check())) ASSERT_LT(std::chrono::steady_clock::now(), limit);
    }
    void commit(Subscription& subscription, const std::string& topic, std::int64_t offset) {
        ASSERT_TRUE(loop_.run(subscription.commit({topic, 0}, {offset, ""})));
    }

    std::atomic<std::int64_t> now_{1'000'000'000};
};

TEST_F(SqliteLogRetentionTest, DropsWhatIsOldAndCommitted) {
    open_with("things", 1);
    ASSERT_TRUE(publish("things", 100, 10));
    pass(std::chrono::minutes(50));
    ASSERT_TRUE(publish("things", 50, 10));
    auto subscription = subscriber("things");
    commit(*subscription, "things", 150);
    pass(std::chrono::minutes(20));
    until_begin_is("things", 100);
    EXPECT_EQ(loop_.run(log_->read({"things", 0}, 100, 1'000))->size(), 50U);
    pass(std::chrono::hours(1));
    until_begin_is("things", 150);
    EXPECT_EQ(publish(record("things", "next"))->offset, 150);
}

TEST_F(SqliteLogRetentionTest, NeverDropsWhatAGroupHasNotCommitted) {
    open_with("things", 1);
    ASSERT_TRUE(loop_.run(log_->create({{"unread", 1}})));
    ASSERT_TRUE(publish("things", 100, 10));
    ASSERT_TRUE(publish("unread", 100, 10));
    {
        auto fast = subscriber("things", "fast");
        auto slow = subscriber("things", "slow");
        commit(*fast, "things", 100);
        commit(*slow, "things", 40);
    }
    pass(std::chrono::hours(2));
    until_begin_is("things", 40);
    until_begin_is("unread", 100);
    EXPECT_EQ(partition("things").begin, 40);

    // Also when the groups are not there yet, after a start.
    ASSERT_TRUE(open());
    ASSERT_TRUE(publish("unread", 1, 10));
    pass(std::chrono::hours(2));
    until_begin_is("unread", 101);
    EXPECT_EQ(partition("things").begin, 40);
}

TEST_F(SqliteLogRetentionTest, KeepsEverythingForAGroupThatSubscribedAndNeverCommitted) {
    open_with("things", 1);
    ASSERT_TRUE(loop_.run(log_->create({{"unread", 1}})));
    ASSERT_TRUE(publish("things", 10, 10));
    subscriber("things").reset();
    ASSERT_TRUE(open());
    ASSERT_TRUE(publish("unread", 10, 10));
    pass(std::chrono::hours(2));
    until_begin_is("unread", 10);
    EXPECT_EQ(partition("things").begin, 0);
}

TEST_F(SqliteLogRetentionTest, LooksOnlyAtTheGroupsItIsTold) {
    settings_.guard_groups = {"worker"};
    open_with("things", 1);
    ASSERT_TRUE(publish("things", 10, 10));
    auto worker = subscriber("things", "worker");
    auto other = subscriber("things", "other");
    commit(*worker, "things", 10);
    pass(std::chrono::hours(2));
    until_begin_is("things", 10);
}

TEST_F(SqliteLogRetentionTest, NeverDropsAKeptTopic) {
    open_with("dead-letter-queue", 1);
    ASSERT_TRUE(loop_.run(log_->create({{"unread", 1}})));
    ASSERT_TRUE(publish("dead-letter-queue", 10, 10));
    auto reader = subscriber("dead-letter-queue");
    commit(*reader, "dead-letter-queue", 10);
    ASSERT_TRUE(publish("unread", 10, 10));
    pass(std::chrono::hours(24 * 365));
    until_begin_is("unread", 10);
    EXPECT_EQ(partition("dead-letter-queue").begin, 0);
    ASSERT_TRUE(loop_.run(log_->trim({"dead-letter-queue", 0}, 10)));
    EXPECT_EQ(partition("dead-letter-queue").begin, 10);
}

TEST_F(SqliteLogRetentionTest, MakesRoomByDroppingTheOldestThatIsCommitted) {
    settings_.log_bytes_max = 1'000'000;
    open_with("things", 1);
    auto subscription = subscriber("things");
    for (int i = 0; i < 100; ++i) {
        auto published = publish(record("things", std::string(50'000, 'x')));
        ASSERT_TRUE(published) << i << published.error().detail;
        commit(*subscription, "things", i + 1);
    }
    EXPECT_GT(partition("things").begin, 80);
    EXPECT_EQ(partition("things").end, 100);
}

TEST_F(SqliteLogRetentionTest, RefusesWritesAtTheLimitUntilTheGroupCatchesUp) {
    settings_.log_bytes_max = 1'000'000;
    open_with("things", 1);
    ASSERT_TRUE(loop_.run(log_->create({{"dead-letter-queue", 1}})));
    auto subscription = subscriber("things");
    Result<Position> last;
    std::int64_t accepted = 0;
    for (; accepted < 100; ++accepted) {
        last = publish(record("things", std::string(50'000, 'x')));
        if (!last) break;
    }
    ASSERT_FALSE(last);
    EXPECT_EQ(last.error().code, Errc::unavailable);
    EXPECT_EQ(last.error().detail, "The event log is full: try again later.") << "whoever writes can raise no limit";
    EXPECT_NE(last.error().cause.find("Log.BytesMax"), std::string::npos);
    EXPECT_FALSE(loop_.run(log_->check()));
    EXPECT_EQ(partition("things").begin, 0);
    EXPECT_TRUE(publish(record("dead-letter-queue", "still room"))) << "Dead letters have a reserve of their own.";

    commit(*subscription, "things", accepted);
    until_there_is_room();
    EXPECT_TRUE(publish(record("things", "again")));
}

TEST_F(SqliteLogRetentionTest, DropsNothingUnreadToMakeRoom) {
    settings_.log_bytes_max = 300'000;
    open_with("things", 1);
    ASSERT_TRUE(loop_.run(log_->create({{"unread", 1}})));
    auto subscription = subscriber("things");
    ASSERT_TRUE(publish("unread", 4, 50'000));
    for (int i = 0; i < 20; ++i) {
        ASSERT_TRUE(publish(record("things", std::string(10'000, 'x'))));
        commit(*subscription, "things", i + 1);
        until_there_is_room();
    }
    EXPECT_GT(partition("things").begin, 0);
    EXPECT_EQ(partition("unread").begin, 0);
}

TEST_F(SqliteLogRetentionTest, GivesEachKeptTopicItsOwnLimit) {
    open_with("dead-letter-queue", 1);
    ASSERT_TRUE(loop_.run(log_->create({{"dead-letter-state", 1}, {"things", 1}})));
    ASSERT_TRUE(publish("dead-letter-queue", 1, 50'000));
    auto refused = publish(record("dead-letter-queue", "no room"));
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, Errc::unavailable);
    EXPECT_NE(refused.error().cause.find("productd dlq purge"), std::string::npos);
    EXPECT_FALSE(loop_.run(log_->check()));
    EXPECT_TRUE(publish(record("dead-letter-state", "purged")));
    EXPECT_TRUE(publish(record("things", "value")));

    ASSERT_TRUE(open());
    EXPECT_FALSE(publish(record("dead-letter-queue", "still none after a start")));
    ASSERT_TRUE(loop_.run(log_->trim({"dead-letter-queue", 0}, 1)));
    EXPECT_TRUE(publish(record("dead-letter-queue", "room")));
}

TEST_F(SqliteLogRetentionTest, CountsTheWalAmongWhatTheLogMayHold) {
    settings_.log_bytes_max = 16 << 20;
    open_with("things", 1);
    auto subscription = subscriber("things");
    std::optional<StuckReader> reader(std::in_place, settings_.path);
    const auto on_disk = [&] {
        return std::filesystem::file_size(folder_ / "log.db") + std::filesystem::file_size(folder_ / "log.db-wal");
    };
    Result<Position> published;
    for (int i = 0; i < 200; ++i) {  // What is dropped at once leaves its pages in the WAL.
        published = publish(record("things", std::string(400'000, 'x')));
        if (!published) break;
        commit(*subscription, "things", published->offset + 1);
        ASSERT_TRUE(loop_.run(log_->trim({"things", 0}, published->offset + 1)));
    }
    ASSERT_FALSE(published);
    EXPECT_EQ(published.error().code, Errc::unavailable);
    EXPECT_NE(published.error().cause.find("log.db"), std::string::npos) << published.error().cause;
    EXPECT_LE(on_disk(), 18U << 20);
    EXPECT_GE(log_->counts().source_bytes, 16 << 20);
    EXPECT_EQ(log_->counts().source_bytes_max, settings_.log_bytes_max);

    reader.reset();
    until_there_is_room();
    EXPECT_LT(log_->counts().wal_bytes, 2 << 20);
    EXPECT_TRUE(publish(record("things", "next")));
}

TEST_F(SqliteLogRetentionTest, KeepsItsWalSmallWhileReadersOverlap) {
    settings_.log_bytes_max = 64 << 20;
    open_with("things", 1);
    const OverlappingReaders readers(settings_.path);
    std::int64_t most = 0;
    for (int i = 0; i < 100; ++i) {
        ASSERT_TRUE(publish(record("things", std::string(400'000, 'x'))));
        most = std::max(most, static_cast<std::int64_t>(std::filesystem::file_size(folder_ / "log.db-wal")));
    }
    EXPECT_GT(readers.count(), 10);
    EXPECT_LE(most, 10 << 20);
}

}  // namespace
}  // namespace productd
