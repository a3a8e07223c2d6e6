// The embedded log and what may go wrong with its file: crash, full disk, damage, strangers.
#include <sys/resource.h>

#include <csignal>

#include "fakes/other_user.hpp"
#include "outbound/sqlite/log/sqlite_log_fixture.hpp"
#include "outbound/sqlite/log/sqlite_log_format.hpp"

namespace productd {
namespace {

/// No file of this process grows beyond `bytes` meanwhile: as a full disk, as far as SQLite sees.
class FullDisk {
public:
    explicit FullDisk(std::uintmax_t bytes) : previous_handler_(std::signal(SIGXFSZ, SIG_IGN)) {
        getrlimit(RLIMIT_FSIZE, &previous_);
        const rlimit limit{bytes, previous_.rlim_max};
        setrlimit(RLIMIT_FSIZE, &limit);
    }
    ~FullDisk() {
        setrlimit(RLIMIT_FSIZE, &previous_);
        std::signal(SIGXFSZ, previous_handler_);
    }

private:
    rlimit previous_{};
    void (*previous_handler_)(int);
};

using SqliteLogFaultsTest = SqliteLogTest;

TEST_F(SqliteLogFaultsTest, HasEverythingAcknowledgedAfterItsProcessWasKilled) {
    std::int64_t acknowledged = 0;
    for (int round = 0; round < 5; ++round) {
        int pipe_ends[2];
        ASSERT_EQ(pipe(pipe_ends), 0);
        const pid_t child = fork();
        if (child == 0) {
            open_with("things", 1);
            for (;;) {
                const auto position = publish(record("things", "value"));
                if (!position || ::write(pipe_ends[1], &position->offset, sizeof(std::int64_t)) < 0) _exit(1);
            }
        }
        close(pipe_ends[1]);
        std::int64_t offset = -1;
        for (int i = 0; i < 20 + round; ++i) ASSERT_EQ(read(pipe_ends[0], &offset, sizeof(offset)), 8);
        kill(child, SIGKILL);
        while (read(pipe_ends[0], &offset, sizeof(offset)) == 8) continue;  // Acknowledged before the end.
        close(pipe_ends[0]);
        waitpid(child, nullptr, 0);
        EXPECT_GE(offset, acknowledged);
        acknowledged = offset + 1;

        ASSERT_TRUE(open());
        const auto end = partition("things").end;
        EXPECT_GE(end, acknowledged);
        EXPECT_EQ(loop_.run(log_->read({"things", 0}, 0, 100'000))->size(), static_cast<std::size_t>(end));
        log_.reset();
    }
}

TEST_F(SqliteLogFaultsTest, HasOnDiskWhatItAcknowledged) {
    open_with("things", 1);
    for (int i = 0; i < 20; ++i) {
        ASSERT_TRUE(publish(record("things", std::to_string(i))));
        // The files as a crash at this moment leaves them.
        const auto crashed = folder_ / ("crashed-" + std::to_string(i));
        std::filesystem::create_directory(crashed);
        std::filesystem::copy_file(folder_ / "log.db", crashed / "log.db");
        std::filesystem::copy_file(folder_ / "log.db-wal", crashed / "log.db-wal");
        auto settings = settings_;
        settings.path = crashed / "log.db";
        auto survivor = SqliteMessageLog::open(settings);
        ASSERT_TRUE(survivor) << survivor.error().cause;
        auto messages = loop_.run((*survivor)->read({"things", 0}, 0, 100));
        ASSERT_TRUE(messages);
        ASSERT_EQ(messages->size(), static_cast<std::size_t>(i + 1));
        EXPECT_EQ(messages->back().value, std::to_string(i));
    }
}

TEST_F(SqliteLogFaultsTest, FailsWhileTheDiskIsFullAndRecoversByItself) {
    open_with("things", 1);
    ASSERT_TRUE(publish(record("things", "before")));
    {
        const FullDisk full(16'384);
        for (int i = 0; i < 3; ++i) {
            auto refused = publish(record("things", std::string(8'000, 'x')));
            ASSERT_FALSE(refused);
            EXPECT_EQ(refused.error().code, Errc::unavailable) << refused.error().cause;
            EXPECT_NE(refused.error().detail.find("full"), std::string::npos) << refused.error().cause;
        }
        auto unwell = loop_.run(log_->check());
        ASSERT_FALSE(unwell);
        EXPECT_NE(unwell.error().detail.find("full"), std::string::npos);
    }
    EXPECT_TRUE(loop_.run(log_->check()));
    const auto end = partition("things").end;
    auto after = publish(record("things", "after"));
    ASSERT_TRUE(after) << after.error().cause;
    EXPECT_EQ(after->offset, end);
    ASSERT_TRUE(open());
    auto messages = loop_.run(log_->read({"things", 0}, 0, 1'000));
    ASSERT_TRUE(messages);
    EXPECT_EQ(static_cast<std::int64_t>(messages->size()), end + 1);
    EXPECT_EQ(messages->front().value, "before");
    EXPECT_EQ(messages->back().value, "after");
}

TEST_F(SqliteLogFaultsTest, WritesNothingMoreOnceAnotherProcessOpenedTheFile) {
    open_with("things", 1);
    ASSERT_TRUE(publish(record("things", "first")));
    auto second = SqliteMessageLog::open(settings_);
    ASSERT_TRUE(second);
    auto refused = publish(record("things", "lost"));
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, Errc::failed_precondition);
    auto results = loop_.run((*second)->publish({record("things", "second")}));
    ASSERT_TRUE(results);
    EXPECT_EQ(results->front().value().offset, 1);
}

TEST_F(SqliteLogFaultsTest, RefusesFilesThatAreNotItsOwn) {
    std::ofstream(settings_.path) << std::string(10'000, 'g');
    auto garbage = open();
    ASSERT_FALSE(garbage);
    EXPECT_EQ(garbage.error().code, Errc::data_loss);
    EXPECT_EQ(std::filesystem::file_size(settings_.path), 10'000U);
}

TEST_F(SqliteLogFaultsTest, TellsOfADamagedMessageInsteadOfSkippingIt) {
    open_with("things", 1);
    ASSERT_TRUE(publish("things", 3, 10));
    log_.reset();
    {
        auto database = SqliteDatabase::open(sqlite_log_file(settings_.path));
        ASSERT_TRUE(database) << database.error().cause;
        ASSERT_TRUE(database->execute("UPDATE messages SET record = x'0100' WHERE id & 0xff = 1"));
    }
    ASSERT_TRUE(open());
    auto messages = loop_.run(log_->read({"things", 0}, 0, 10));
    ASSERT_FALSE(messages);
    EXPECT_EQ(messages.error().code, Errc::data_loss);
}

TEST_F(SqliteLogFaultsTest, SaysThatAReadOnlyFolderCannotBeWritten) {
    std::filesystem::permissions(folder_.path(), std::filesystem::perms(0555));
    EXPECT_TRUE(holds_for_an_ordinary_user([&] {
        auto opened = SqliteMessageLog::open(settings_);
        return !opened && opened.error().code == Errc::failed_precondition;
    }));
    std::filesystem::permissions(folder_.path(), std::filesystem::perms(0755));
}

}  // namespace
}  // namespace productd
