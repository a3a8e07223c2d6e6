// The log on Kafka keeps the contract of every log, over three real brokers.
#include "contract/fetch_room_contract.hpp"
#include "contract/message_log_contract.hpp"
#include "contract/subscription_contract.hpp"
#include "stack/kafka_server.hpp"

namespace productd::contract {

class KafkaHarness {
public:
    KafkaHarness() { reopen(); }

    MessageLog& log() { return *log_; }
    void reopen() {
        log_.reset();
        auto settings = test::kafka_settings();
        settings.retention = std::chrono::years{200};  // The contract's records are of 1970, and brokers look at times.
        auto opened = KafkaMessageLog::open(std::move(settings));
        if (!opened) throw std::runtime_error(opened.error().detail);
        log_ = std::move(*opened);
    }
    std::string topic(const std::string& name) { return prefix_ + name; }
    std::string group(const std::string& name) { return prefix_ + name; }

private:
    std::string prefix_ = test::own_prefix();
    std::unique_ptr<KafkaMessageLog> log_;
};

INSTANTIATE_TYPED_TEST_SUITE_P(Kafka, MessageLogContract, KafkaHarness);
INSTANTIATE_TYPED_TEST_SUITE_P(Kafka, SubscriptionContract, KafkaHarness);
INSTANTIATE_TYPED_TEST_SUITE_P(Kafka, FetchRoomContract, KafkaHarness);

// As a dead letter is replayed to, or a record that names its partition.
TEST(KafkaMessageLog, WritesToAPartitionThatWasAddedSinceTheTopicWasLearned) {
    const auto topic = test::own_prefix() + "things";
    const auto settings = test::kafka_settings();
    test::make_topics(settings, {{topic, 1}});
    const auto log = std::move(KafkaMessageLog::open(settings)).value();
    TestLoop loop;
    const auto publish_to = [&](std::int32_t partition) {
        std::vector<Record> one(1);
        one[0] = {.topic = topic, .partition = partition, .key = "key", .value = "value"};
        return loop.run(log->publish(std::move(one))).value().front();
    };
    EXPECT_EQ(publish_to(1).error().code, Errc::invalid_argument);
    test::make_topics(settings, {{topic, 2}});
    const auto written = publish_to(1);
    EXPECT_TRUE(written) << written.error().detail;
}

}  // namespace productd::contract
