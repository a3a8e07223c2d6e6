// What is particular to the embedded log: its limits and its threads. The rest is in tests/contract.
#include "outbound/sqlite/log/sqlite_message_log.hpp"

#include "outbound/sqlite/log/sqlite_log_fixture.hpp"

namespace productd {
namespace {

using SqliteMessageLogTest = SqliteLogTest;

TEST_F(SqliteMessageLogTest, SyncsOnceForAllWhoWait) {
    open_with("things", 3);
    constexpr int publishers = 200;
    std::vector<TestLoop::Started<Result<std::vector<Result<Position>>>>> waiting;
    waiting.reserve(500);
    for (int i = 0; i < publishers; ++i) {
        waiting.push_back(loop_.start(log_->publish({record("things", "value")})));
    }
    for (auto& publisher : waiting) EXPECT_TRUE(publisher.result());
    EXPECT_EQ(log_->counts().records, 200U);
    EXPECT_LT(log_->counts().transactions, 100U);
    EXPECT_EQ(partition("things").end, publishers);
}

TEST_F(SqliteMessageLogTest, WritesCommitsWithoutMessagesToo) {
    settings_.commit_delay = std::chrono::milliseconds(1);
    settings_.retention_interval = std::chrono::hours(1);
    open_with("things", 1);
    ASSERT_TRUE(publish(record("things", "value")));
    auto subscription = subscriber("things");
    ASSERT_TRUE(loop_.run(subscription->commit({"things", 0}, {1, "done"})));
    auto reader = SqliteDatabase::open_reader({.path = settings_.path});
    ASSERT_TRUE(reader);
    const auto limit = std::chrono::steady_clock::now() + std::chrono::minutes(1);
    while (reader->number("SELECT count(*) FROM commits WHERE next = 1 AND metadata = 'done'") != 1) {
        ASSERT_LT(std::chrono::steady_clock::now(), limit);
    }
}

TEST_F(SqliteMessageLogTest, RefusesACommitBeyondTheEnd) {
    open_with("things", 1);
    auto subscription = subscriber("things");
    auto refused = loop_.run(subscription->commit({"things", 0}, {1, ""}));
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, Errc::out_of_range);
}

TEST_F(SqliteMessageLogTest, LetsAGroupHaveOneMember) {
    open_with("things", 1);
    auto first = subscriber("things");
    auto second = log_->subscribe("group", {"things"}, loop_.executor());
    auto refused = loop_.run(second->next({10}));
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, Errc::failed_precondition);
    second.reset();
    first.reset();
    EXPECT_TRUE(subscriber("things"));
}

TEST_F(SqliteMessageLogTest, AssignsPartitionsThatAreAddedLater) {
    open_with("things", 1);
    auto subscription = subscriber("things");
    auto waiting = loop_.start(subscription->next({10}));
    loop_.settle();
    EXPECT_EQ(loop_.run(log_->create({{"things", 3}})), std::vector<std::string>{"things"});
    auto event = waiting.result();
    ASSERT_TRUE(event);
    const auto& added = std::get<Assigned>(*event).partitions;
    ASSERT_EQ(added.size(), 2U);
    EXPECT_EQ(added[0].source, (TopicPartition{"things", 1}));
    ASSERT_TRUE(publish(record("things", "value", 2)));
    auto records = loop_.run(subscription->next({10}));
    ASSERT_TRUE(records);
    EXPECT_EQ(std::get<Records>(*records).source, (TopicPartition{"things", 2}));
}

TEST_F(SqliteMessageLogTest, KeepsTheMessagesWhereTheyAreWhenPartitionsAreAdded) {
    open_with("things", 1);
    ASSERT_TRUE(publish("things", 5, 10));
    ASSERT_TRUE(loop_.run(log_->create({{"things", 2}, {"things", 4}, {"things", 1}})));
    EXPECT_EQ(partition("things", 0).end, 5);
    EXPECT_EQ(partition("things", 3).end, 0);
    EXPECT_TRUE(loop_.run(log_->create({{"things", 4}}))->empty());
    ASSERT_TRUE(open());
    EXPECT_EQ(partition("things", 0).end, 5);
    EXPECT_EQ(partition("things", 3).end, 0);
}

TEST_F(SqliteMessageLogTest, RefusesNamesAndCountsThatNoTopicCanHave) {
    open_with("things", 1);
    for (const auto& spec : {TopicSpec{"", 1}, TopicSpec{"a b", 1}, TopicSpec{std::string(250, 'a'), 1},
                             TopicSpec{"fine", 0}, TopicSpec{"fine", 1'025}}) {
        auto refused = loop_.run(log_->create({spec}));
        ASSERT_FALSE(refused);
        EXPECT_EQ(refused.error().code, Errc::invalid_argument);
    }
}

TEST_F(SqliteMessageLogTest, RefusesMessagesThatAreTooLarge) {
    settings_.record_bytes_max = 100;
    open_with("things", 1);
    EXPECT_TRUE(publish(record("things", std::string(97, 'x'))));
    auto refused = publish(record("things", std::string(98, 'x')));
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, Errc::invalid_argument);
    EXPECT_NE(refused.error().cause.find("Log.MessageBytesMax"), std::string::npos);
    ASSERT_TRUE(loop_.run(log_->create({{"dead-letter-queue", 1}})));
    EXPECT_TRUE(publish(record("dead-letter-queue", std::string(297, 'x')))) << "The letter of any message fits.";
    EXPECT_FALSE(publish(record("dead-letter-queue", std::string(298, 'x'))));
}

/// Publishes much more at once than the queue takes; what is taken is written, and the rest is refused.
class FullQueueTest : public SqliteMessageLogTest {
protected:
    void fill() {
        open_with("things", 1);
        std::vector<TestLoop::Started<Result<std::vector<Result<Position>>>>> waiting;
        waiting.reserve(500);
        for (int i = 0; i < 500; ++i) {
            waiting.push_back(
                loop_.start(log_->publish(std::vector<Record>(9, record("things", std::string(1'000, 'x'))))));
        }
        std::int64_t acknowledged = 0;
        std::size_t refused = 0;
        for (auto& publisher : waiting) {
            auto results = publisher.result();
            if (results) acknowledged += static_cast<std::int64_t>(results->size());
            if (!results) {
                EXPECT_EQ(results.error().code, Errc::resource_exhausted);
                ++refused;
            }
        }
        EXPECT_GT(refused, 0U);
        EXPECT_EQ(partition("things").end, acknowledged);
    }
};

TEST_F(FullQueueTest, RefusesMoreMessagesThanItHolds) {
    settings_.queue_records_max = 10;
    fill();
}

TEST_F(FullQueueTest, RefusesMoreBytesThanItHolds) {
    settings_.queue_bytes_max = 10'000;
    fill();
}

TEST_F(SqliteMessageLogTest, DeliversWhatMemoryNoLongerHas) {
    settings_.tail_bytes_max = 2'000;
    open_with("things", 1);
    auto subscription = subscriber("things");
    ASSERT_TRUE(publish("things", 100, 100));
    std::int64_t next = 0;
    while (next < 100) {
        auto event = loop_.run(subscription->next({7}));
        ASSERT_TRUE(event);
        for (const auto& message : std::get<Records>(*event).messages) EXPECT_EQ(message.position.offset, next++);
    }
}

TEST_F(SqliteMessageLogTest, DeliversALargeMessageAlone) {
    settings_.fetch_bytes_max = 1'000;
    open_with("things", 1);
    ASSERT_TRUE(publish("things", 3, 5'000));
    auto subscription = subscriber("things");
    for (int i = 0; i < 3; ++i) {
        auto event = loop_.run(subscription->next({100}));
        ASSERT_TRUE(event);
        EXPECT_EQ(std::get<Records>(*event).messages.size(), 1U);
    }
}

TEST_F(SqliteMessageLogTest, FinishesWhatIsQueuedBeforeItCloses) {
    open_with("things", 1);
    std::vector<TestLoop::Started<Result<std::vector<Result<Position>>>>> waiting;
    waiting.reserve(500);
    for (int i = 0; i < 50; ++i) waiting.push_back(loop_.start(log_->publish({record("things", "value")})));
    loop_.settle();
    auto subscription = subscriber("things");
    ASSERT_TRUE(loop_.run(subscription->commit({"things", 0}, {0, "kept"})));
    auto pending = loop_.start([](Subscription& from) -> Task<> {
        for (;;) {
            auto event = co_await from.next({10});
            if (!event) co_return fail(std::move(event).error());
        }
    }(*subscription));
    log_->close({});
    for (auto& publisher : waiting) EXPECT_TRUE(publisher.result());
    EXPECT_EQ(pending.result().error().code, Errc::cancelled);
    auto late = publish(record("things", "late"));
    ASSERT_FALSE(late);
    EXPECT_EQ(late.error().code, Errc::unavailable);
    subscription.reset();
    ASSERT_TRUE(open());
    EXPECT_EQ(partition("things").end, 50);
    EXPECT_EQ(loop_.run(log_->commits("group"))->front().second.metadata, "kept");
}

TEST_F(SqliteMessageLogTest, TrimsManyMessagesInSteps) {
    open_with("things", 2);
    ASSERT_TRUE(publish("things", 10'000, 10));
    ASSERT_TRUE(publish("things", 10, 10, 1));
    ASSERT_TRUE(loop_.run(log_->trim({"things", 0}, 9'999)));
    EXPECT_EQ(partition("things").begin, 9'999);
    EXPECT_EQ(partition("things", 1).begin, 0);
    auto beyond = loop_.run(log_->trim({"things", 0}, 10'001));
    ASSERT_FALSE(beyond);
    EXPECT_EQ(beyond.error().code, Errc::out_of_range);
}

TEST_F(SqliteMessageLogTest, AnswersACallerWhoGivesUpAndWritesAllTheSame) {
    open_with("things", 1);
    auto result = loop_.run(within(Deadline::min(), log_->publish({record("things", "value")})));
    if (!result) EXPECT_EQ(result.error().code, Errc::deadline_exceeded);
    ASSERT_TRUE(publish(record("things", "next")));
    EXPECT_EQ(partition("things").end, 2);
}

}  // namespace
}  // namespace productd
