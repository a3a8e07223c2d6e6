// The log on Kafka keeps the contract of every log, over librdkafka's mock brokers. tests/stack has the same over real
// ones.
#include "outbound/kafka/kafka_message_log.hpp"

#include "contract/fetch_room_contract.hpp"
#include "contract/message_log_contract.hpp"
#include "contract/subscription_contract.hpp"
#include "fakes/kafka_mock_cluster.hpp"

namespace productd::contract {

/// The mock has no admin interface: what would make a topic asks the mock itself.
class MockedKafkaLog final : public MessageLog {
public:
    MockedKafkaLog(std::unique_ptr<KafkaMessageLog> log, test::KafkaMockCluster& cluster)
        : log_(std::move(log)), cluster_(cluster) {}

    Task<std::vector<std::string>> create(std::vector<TopicSpec> topics) override {
        auto there = co_await log_->describe({});
        if (!there) co_return fail(std::move(there).error());
        std::vector<std::string> made;
        for (const auto& spec : topics) {
            if (std::ranges::find(*there, spec.topic, &TopicInfo::topic) != there->end()) continue;
            cluster_.make(spec.topic, spec.partitions);
            made.push_back(spec.topic);
        }
        co_return made;
    }
    /// The mock acknowledges every record as one of a topic that takes the brokers' time, and then keeps its own.
    Task<std::vector<Result<Position>>> publish(std::vector<Record> records) override {
        std::vector<Timestamp> times;
        for (const auto& record : records) times.push_back(record.time);
        auto results = co_await log_->publish(std::move(records));
        for (std::size_t i = 0; results && i < times.size(); ++i) {
            if ((*results)[i]) (*results)[i]->time = times[i];
        }
        co_return results;
    }
    std::unique_ptr<Subscription> subscribe(std::string group, std::vector<std::string> topics,
                                            asio::any_io_executor executor) override {
        return log_->subscribe(std::move(group), std::move(topics), std::move(executor));
    }
    Task<std::vector<Message>> read(TopicPartition source, std::int64_t from, std::size_t max) override {
        return log_->read(std::move(source), from, max);
    }
    Task<> trim(TopicPartition source, std::int64_t before) override { return log_->trim(std::move(source), before); }
    Task<std::vector<TopicInfo>> describe(std::vector<std::string> topics) override {
        return log_->describe(std::move(topics));
    }
    Task<std::vector<std::pair<TopicPartition, Commit>>> commits(std::string group) override {
        return log_->commits(std::move(group));
    }
    Task<> check() override { return log_->check(); }
    bool close(Deadline deadline) override { return log_->close(deadline); }

private:
    std::unique_ptr<KafkaMessageLog> log_;
    test::KafkaMockCluster& cluster_;
};

class KafkaMockHarness {
public:
    static constexpr bool cannot_trim = true;

    KafkaMockHarness() { reopen(); }

    MessageLog& log() { return *log_; }
    void reopen() {
        log_.reset();
        auto opened = KafkaMessageLog::open(cluster_.settings());
        if (!opened) throw std::runtime_error(opened.error().detail);
        log_ = std::make_unique<MockedKafkaLog>(std::move(*opened), cluster_);
    }
    std::string topic(const std::string& name) { return name; }
    std::string group(const std::string& name) { return name; }

private:
    test::KafkaMockCluster cluster_;
    std::unique_ptr<MockedKafkaLog> log_;
};

INSTANTIATE_TYPED_TEST_SUITE_P(KafkaMock, MessageLogContract, KafkaMockHarness);
INSTANTIATE_TYPED_TEST_SUITE_P(KafkaMock, SubscriptionContract, KafkaMockHarness);
INSTANTIATE_TYPED_TEST_SUITE_P(KafkaMock, FetchRoomContract, KafkaMockHarness);

}  // namespace productd::contract
