#include "runtime/health/consumer_lag.hpp"

#include <gmock/gmock.h>

#include "fakes/await.hpp"
#include "fakes/fake_message_log.hpp"
#include "fakes/fake_ports.hpp"
#include "fakes/sample_product.hpp"

namespace productd {
namespace {

using testing::HasSubstr;
using testing::Not;

const TopicPartition source{"create-product", 0};

class ConsumerLagTest : public testing::Test {
protected:
    ConsumerLagTest() {
        log_.on_describe = [this]() -> Result<std::vector<TopicInfo>> {
            const auto end = static_cast<std::int64_t>(log_.partitions[source].size());
            return std::vector<TopicInfo>{{"create-product", {{0, 0, end}}}, {"another", {{0, 0, 7}}}};
        };
        clock_.time = test::at(100'000);
    }

    void send(std::int64_t time_ms) {
        log_.append(
            {.topic = source.topic, .partition = {}, .key = {}, .value = {}, .headers = {}, .time = test::at(time_ms)});
    }
    void commit(std::int64_t offset) { log_.committed[source] = {offset, {}}; }
    std::string measured() {
        EXPECT_TRUE(await(lag_.measure()));
        return metrics_.text();
    }
    static std::string series(const std::string& name, const std::string& value) {
        return name + R"({partition="0",topic="create-product"} )" + value + "\n";
    }
    static std::string messages(const std::string& value) { return series("productd_consumer_lag_messages", value); }
    static std::string seconds(const std::string& value) { return series("productd_consumer_lag_seconds", value); }

    test::FakeMessageLog log_;
    test::FakeClock clock_;
    ProgressWatch progress_;
    Metrics metrics_, more_metrics_;
    ConsumerLag lag_{{log_, progress_, clock_, metrics_}, "group", {"create-product"}};
};

TEST_F(ConsumerLagTest, IsTheAgeOfTheFirstMessageAboveTheCommit) {
    send(90'000);
    send(95'000);
    EXPECT_THAT(measured(), HasSubstr(messages("2")));
    EXPECT_THAT(measured(), HasSubstr(seconds("10")));
    clock_.time = test::at(101'000);
    EXPECT_THAT(measured(), HasSubstr(seconds("11")));
}

TEST_F(ConsumerLagTest, IsNothingWhereTheGroupHasReadAll) {
    EXPECT_THAT(measured(), HasSubstr(seconds("0")));
    send(90'000);
    EXPECT_THAT(measured(), HasSubstr(seconds("10")));
    commit(1);
    EXPECT_THAT(measured(), HasSubstr(messages("0")));
    EXPECT_THAT(measured(), HasSubstr(seconds("0")));
    send(99'000);
    EXPECT_THAT(measured(), HasSubstr(seconds("1"))) << "and nothing of the earlier one is left";
}

TEST_F(ConsumerLagTest, IsNeverNegativeWhereAProducersClockIsAhead) {
    send(200'000);
    EXPECT_THAT(measured(), HasSubstr(messages("1")));
    EXPECT_THAT(measured(), HasSubstr(seconds("0")));
}

TEST_F(ConsumerLagTest, ReadsNoMessageTwiceNorEachOneThatTheCommitPasses) {
    for (int i = 0; i < 10; ++i) send(90'000 + 1'000 * i);
    measured();
    measured();
    EXPECT_EQ(log_.reads, 1);
    commit(5);
    EXPECT_THAT(measured(), HasSubstr(messages("5")));
    EXPECT_EQ(log_.reads, 1) << "it was read a moment ago";
}

TEST_F(ConsumerLagTest, CountsMessagesWhereTheyCannotBeReadAndTriesAgainAfterAPause) {
    send(90'000);
    log_.on_read = [] { return unavailable("No broker answers."); };
    EXPECT_THAT(measured(), HasSubstr(messages("1")));
    EXPECT_THAT(measured(), HasSubstr(seconds("0")));
    EXPECT_EQ(log_.reads, 1);
    ConsumerLag eager({log_, progress_, clock_, more_metrics_}, "group", {"create-product"}, {});
    EXPECT_TRUE(await(eager.measure()));
    log_.on_read = {};
    EXPECT_TRUE(await(eager.measure()));
    EXPECT_THAT(more_metrics_.text(), HasSubstr(seconds("10")));
}

TEST_F(ConsumerLagTest, DoesNotReadOffsetsWithoutMessagesAgainAndAgain) {
    send(90'000);
    log_.on_describe = []() -> Result<std::vector<TopicInfo>> {
        return std::vector<TopicInfo>{{"create-product", {{0, 0, 5}}}};
    };
    commit(3);  // What is left are marks of transactions.
    EXPECT_THAT(measured(), HasSubstr(messages("2")));
    EXPECT_THAT(measured(), HasSubstr(seconds("0")));
    EXPECT_EQ(log_.reads, 1);
}

TEST_F(ConsumerLagTest, EndsBeforeTheNextReadingWhenItIsCancelled) {
    log_.on_describe = []() -> Result<std::vector<TopicInfo>> {
        return std::vector<TopicInfo>{{"create-product", {{0, 0, 5}, {1, 0, 5}, {2, 0, 5}}}};
    };
    asio::cancellation_signal end;
    log_.on_read = [&end] {
        end.emit(asio::cancellation_type::terminal);
        return unavailable("No broker answers.");
    };
    asio::io_context context;
    auto measuring = [this]() -> asio::awaitable<void> {
        co_await asio::this_coro::throw_if_cancelled(false);
        EXPECT_FALSE(co_await lag_.measure());
    };
    auto ended = asio::co_spawn(context, measuring, asio::bind_cancellation_slot(end.slot(), asio::use_future));
    context.run();
    ended.get();
    EXPECT_EQ(log_.reads, 1);
    EXPECT_THAT(metrics_.text(), HasSubstr(R"(partition="2",topic="create-product"} 5)")) << "which needs no reading";
}

TEST_F(ConsumerLagTest, ShowsNothingOfATopicThatIsGone) {
    send(90'000);
    measured();
    log_.on_describe = [] { return std::vector<TopicInfo>{}; };
    EXPECT_THAT(measured(), Not(HasSubstr("create-product")));
}

}  // namespace
}  // namespace productd
