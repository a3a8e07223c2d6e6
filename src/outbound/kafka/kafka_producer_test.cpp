#include "outbound/kafka/kafka_producer.hpp"

#include <gtest/gtest.h>

#include <future>

#include "fakes/kafka_mock_cluster.hpp"
#include "fakes/test_loop.hpp"
#include "outbound/kafka/kafka_message_log.hpp"

namespace productd {
namespace {

constexpr int every_broker = -1;
constexpr std::int16_t init_producer_id = 22;  // https://kafka.apache.org/protocol#protocol_api_keys
constexpr int slow_ms = 300;

std::vector<Record> records(std::size_t count, std::size_t bytes) {
    std::vector<Record> made(count);
    for (auto& record : made) {
        record = {.topic = "things", .partition = 0, .key = "key", .value = std::string(bytes, 'x')};
    }
    return made;
}

std::size_t written(const std::vector<Result<Position>>& results) {
    return static_cast<std::size_t>(std::ranges::count_if(results, [](const auto& one) { return one.has_value(); }));
}

TEST(KafkaProducer, RefusesWhatItsBufferHasNoRoomForAndTakesAgainWhatHasRoom) {
    test::KafkaMockCluster cluster;
    cluster.make("things", 1);
    auto settings = cluster.settings();
    settings.buffer_bytes_max = 100'000;
    auto log = std::move(KafkaMessageLog::open(settings)).value();
    TestLoop loop;
    ASSERT_EQ(written(loop.run(log->publish(records(1, 1))).value()), 1U);  // The topic is known from here on.
    rd_kafka_mock_broker_set_rtt(cluster.raw(), every_broker, slow_ms);
    const auto results = loop.run(log->publish(records(20, 10'000))).value();
    EXPECT_GT(written(results), 5U);
    EXPECT_LT(written(results), 11U);
    for (const auto& result : results) {
        if (result) continue;
        EXPECT_EQ(result.error().code, Errc::unavailable);
        EXPECT_NE(result.error().cause.find("Kafka.BufferBytesMax"), std::string::npos) << result.error().cause;
    }
    EXPECT_EQ(written(loop.run(log->publish(records(8, 10'000))).value()), 8U);
}

TEST(KafkaProducer, TellsOfAnErrorThatEndsIt) {
    test::KafkaMockCluster cluster;
    cluster.make("things", 1);
    rd_kafka_mock_push_request_errors(cluster.raw(), init_producer_id, 1,
                                      RD_KAFKA_RESP_ERR_CLUSTER_AUTHORIZATION_FAILED);
    std::promise<std::string> fatal;
    auto settings = cluster.settings();
    settings.on_fatal = [&](const std::string& why) { fatal.set_value(why); };
    auto log = std::move(KafkaMessageLog::open(settings)).value();
    TestLoop loop;
    EXPECT_EQ(written(loop.run(log->publish(records(1, 1))).value()), 0U);
    const auto why = fatal.get_future().get();
    EXPECT_NE(why.find("Cluster authorization failed"), std::string::npos) << why;
}

/// A log that knows its topic, and gives a record up soon.
class KafkaProducerTest : public ::testing::Test {
protected:
    KafkaProducerTest() {
        cluster_.make("things", 1);
        auto settings = cluster_.settings();
        settings.delivery_timeout = std::chrono::milliseconds{500};
        log_ = std::move(KafkaMessageLog::open(settings)).value();
        if (written(loop_.run(log_->publish(records(1, 1))).value()) != 1) throw std::runtime_error("nothing written");
    }

    Errc refused() {
        auto result = std::move(loop_.run(log_->publish(records(1, 1))).value().front());
        if (result) throw std::runtime_error("it was written");
        return result.error().code;
    }

    template <class Set>
    void set_brokers(Set set) {
        for (int broker = 1; broker <= 3; ++broker) set(cluster_.raw(), broker);
        loop_.settle();
    }

    test::KafkaMockCluster cluster_;
    TestLoop loop_;
    std::unique_ptr<KafkaMessageLog> log_;
};

TEST_F(KafkaProducerTest, OfWhatLibrdkafkaHasNobodyKnowsAndWhatWaitsBehindItIsRefused) {
    set_brokers(rd_kafka_mock_broker_set_down);
    EXPECT_EQ(refused(), Errc::deadline_exceeded);
    EXPECT_EQ(refused(), Errc::unavailable);
    EXPECT_EQ(refused(), Errc::unavailable);
    set_brokers(rd_kafka_mock_broker_set_up);
    // It has room again once what nobody knew of is written: in its order, once, and what was refused never.
    std::optional<Position> next;
    for (int attempt = 0; attempt < 100 && !next; ++attempt) {
        auto result = std::move(loop_.run(log_->publish(records(1, 1))).value().front());
        if (result) next = *result;
    }
    ASSERT_TRUE(next);
    EXPECT_GE(next->offset, 2);
    const auto before = loop_.run(log_->read(next->source, 0, 100)).value();
    EXPECT_EQ(before.size(), static_cast<std::size_t>(next->offset) + 1);
}

TEST_F(KafkaProducerTest, RefusesAfterItWasClosedWhatItWouldLose) {
    log_->close(std::chrono::steady_clock::now() + std::chrono::seconds{1});
    for (const auto* topic : {"things", "strangers"}) {
        std::vector<Record> one(1);
        one[0] = {.topic = topic, .key = "key", .value = "value"};
        const auto result = std::move(loop_.run(log_->publish(std::move(one))).value().front());
        ASSERT_FALSE(result) << topic;
        EXPECT_EQ(result.error().code, Errc::unavailable);
        EXPECT_EQ(result.error().detail, "The log is closed.");
    }
}

// While no broker answers, who asks about one topic finds out for all.
TEST(KafkaProducer, WaitsOnceForBrokersThatDoNotAnswerWhateverTheTopic) {
    test::KafkaMockCluster cluster;
    for (int broker = 1; broker <= 3; ++broker) rd_kafka_mock_broker_set_down(cluster.raw(), broker);
    const auto log = std::move(KafkaMessageLog::open(cluster.settings())).value();
    TestLoop loop;
    const auto refused = [&](const std::string& topic) {
        std::vector<Record> one(1);
        one[0] = {.topic = topic, .key = "key", .value = "value"};
        return loop.run(log->publish(std::move(one))).value().front().error().code;
    };
    const auto began = std::chrono::steady_clock::now();
    EXPECT_EQ(refused("things"), Errc::unavailable);
    const auto first = std::chrono::steady_clock::now() - began;
    for (const auto* topic : {"others", "things", "others"}) EXPECT_EQ(refused(topic), Errc::unavailable);
    EXPECT_LT(std::chrono::steady_clock::now() - began, 2 * first);
}

TEST_F(KafkaProducerTest, OfARecordThatWasSentAndNotAnsweredNobodyKnows) {
    rd_kafka_mock_broker_set_rtt(cluster_.raw(), every_broker, 10 * slow_ms);
    EXPECT_EQ(refused(), Errc::deadline_exceeded);
}

}  // namespace
}  // namespace productd
