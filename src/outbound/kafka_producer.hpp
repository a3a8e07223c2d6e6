// Writes records: all replicas in sync have them before they are acknowledged, each once, in order.
#pragma once

#include <map>
#include <mutex>
#include <thread>

#include "app/ports.hpp"
#include "outbound/answered.hpp"
#include "outbound/kafka_log_settings.hpp"

namespace productd {

/// The idempotent producer of librdkafka and the thread that takes its delivery reports. Thread-safe.
class KafkaProducer {
public:
    using Results = std::vector<Result<Position>>;

    static Result<std::unique_ptr<KafkaProducer>> open(const KafkaLogSettings& settings);
    ~KafkaProducer();
    KafkaProducer(const KafkaProducer&) = delete;
    KafkaProducer& operator=(const KafkaProducer&) = delete;

    /// Whether it has seen the topic, and that partition of it.
    bool knows(const Record& record) const;
    /// Asks the brokers about the topic. Blocks. Fails with not_found when there is none.
    Result<> learn(const std::string& topic);
    /// Buffers the records whose topics are known and answers once each is acknowledged or refused, from the thread of
    /// the reports. Does not block. A record fails with unavailable when the buffer is full or no broker took it in
    /// time, and with deadline_exceeded when it may have been written.
    void produce(std::vector<Record> records, Answer<Results> answer);
    /// Waits for what is buffered, no longer than the delivery time-out, and answers the rest with an error.
    void close();
    /// What calls of the admin interface may share: connections.
    rd_kafka_t* client() const { return client_.get(); }

private:
    struct Batch;
    struct Pending;
    using Topic = std::unique_ptr<rd_kafka_topic_t, DestroyedBy<rd_kafka_topic_destroy>>;
    struct Known {
        Topic topic;
        std::int32_t partitions = 0;
    };

    explicit KafkaProducer(const KafkaLogSettings& settings) : settings_(settings) {}
    static void report(rd_kafka_t* client, const rd_kafka_message_t* message, void* self);
    static void failed(rd_kafka_t* client, int code, const char* why, void* self);
    Result<> produce_one(const Record& record, Pending* pending);
    void serve();

    const KafkaLogSettings& settings_;
    KafkaHandle client_;
    mutable std::mutex mutex_;
    std::map<std::string, Known, std::less<>> topics_;
    std::atomic<bool> stopping_{false};
    std::thread reports_;
};

}  // namespace productd
