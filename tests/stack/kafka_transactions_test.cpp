// What other producers' transactions leave in a partition of three real brokers.
#include <gtest/gtest.h>

#include "fakes/test_loop.hpp"
#include "stack/kafka_server.hpp"

namespace productd::test {
namespace {

constexpr int patience_ms = 10'000;

/// Another team's producer, which writes in transactions.
class TransactionalProducer {
public:
    explicit TransactionalProducer(const KafkaConnection& connection) {
        KafkaProperties properties(connection);
        properties.set("transactional.id", own_prefix() + "transactions");
        client_ = std::move(properties.open(RD_KAFKA_PRODUCER)).value();
        check(rd_kafka_init_transactions(client_.get(), patience_ms));
    }

    void write(const std::string& topic, bool is_given_up) {
        check(rd_kafka_begin_transaction(client_.get()));
        const KafkaTopic there(rd_kafka_topic_new(client_.get(), topic.c_str(), nullptr));
        std::string value = "value";
        if (rd_kafka_produce(there.get(), 0, RD_KAFKA_MSG_F_COPY, value.data(), value.size(), nullptr, 0, nullptr) !=
            0) {
            throw std::runtime_error(rd_kafka_err2str(rd_kafka_last_error()));
        }
        rd_kafka_flush(client_.get(), patience_ms);
        check(is_given_up ? rd_kafka_abort_transaction(client_.get(), patience_ms)
                          : rd_kafka_commit_transaction(client_.get(), patience_ms));
    }

private:
    static void check(rd_kafka_error_t* error) {
        if (error == nullptr) return;
        const std::string why = rd_kafka_error_string(error);
        rd_kafka_error_destroy(error);
        throw std::runtime_error(why);
    }

    KafkaHandle client_;
};

// Its marks, and what it gave up, have offsets and are no messages: who only counts messages never is at the end.
TEST(KafkaTransactions, OfOthersAreReadToTheirEnd) {
    const auto settings = kafka_settings();
    const auto topic = own_prefix() + "things";
    make_topic(settings, topic);
    TransactionalProducer producer(settings.connection);
    producer.write(topic, false);
    producer.write(topic, true);
    const auto log = std::move(KafkaMessageLog::open(settings)).value();
    TestLoop loop;
    const auto subscription = log->subscribe(own_prefix() + "group", {topic}, loop.executor());
    std::size_t messages = 0;
    std::int64_t next = 0;
    while (next < 4) {  // The message, its mark, what was given up, and the mark of that.
        auto event = loop.run(subscription->next({10}));
        ASSERT_TRUE(event) << event.error().detail;
        const auto* found = std::get_if<Records>(&*event);
        if (found == nullptr || found->source != TopicPartition{topic, 0}) continue;
        messages += found->messages.size();
        next = std::max(next, found->next);
        EXPECT_LE(next, found->end);
    }
    EXPECT_EQ(messages, 1U);
    EXPECT_EQ(next, loop.run(log->describe({topic})).value().front().partitions.front().end);
}

}  // namespace
}  // namespace productd::test
