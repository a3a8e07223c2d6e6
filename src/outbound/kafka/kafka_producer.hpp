// Writes records: all replicas in sync have them before they are acknowledged, each once, in order.
#pragma once

#include <map>
#include <mutex>
#include <thread>

#include "app/ports/clock.hpp"
#include "app/ports/message_log.hpp"
#include "async/answered.hpp"
#include "outbound/kafka/kafka_accumulator.hpp"
#include "outbound/kafka/kafka_admin.hpp"
#include "outbound/kafka/kafka_client.hpp"
#include "outbound/kafka/kafka_log_settings.hpp"

namespace productd {

/// The idempotent producer of librdkafka and the thread that takes its delivery reports. Thread-safe.
class KafkaProducer {
public:
    using Results = std::vector<Result<Position>>;

    static Result<std::unique_ptr<KafkaProducer>> open(const KafkaLogSettings& settings);
    ~KafkaProducer();
    KafkaProducer(const KafkaProducer&) = delete;
    KafkaProducer& operator=(const KafkaProducer&) = delete;

    enum class Knowledge { none, stale, fresh };
    /// What it knows of the topic and, where the record names one, of that partition. One caller is told that it is
    /// stale, and learns it again beside: partitions are added and led by other brokers.
    Knowledge knowledge_of(const Record& record);
    /// Asks the brokers about the topic. Blocks. Fails with not_found when there is none.
    Result<> learn(const std::string& topic);
    /// The same unless it is known, with that partition; or was just asked for in vain: many ask at once for what
    /// nobody knows, and where no broker answers, that is so of all topics.
    Result<> meet(const std::string& topic, std::optional<std::int32_t> partition);
    /// Buffers the records whose topics are known and answers once each is acknowledged or refused, or after the
    /// delivery time-out, from the thread of the reports. Does not block. A record fails with unavailable when the
    /// buffer is full or it was not sent in time, or after close(), and with deadline_exceeded when it was: it may have
    /// been written, or may be within `resent_for`, once at most.
    void produce(std::vector<Record> records, Answer<Results> answer);
    static constexpr std::chrono::minutes resent_for{5};
    /// Waits for what is buffered, no longer than that or the delivery time-out, and answers the rest with an error.
    void close(Deadline deadline);
    /// `error`, or why the brokers let nobody in where that was told a short while ago: calls only time out then.
    Error explained(const Error& error) const;

private:
    struct Batch;
    struct Known {
        KafkaTopic topic;
        std::vector<std::int32_t> leaders;  ///< By partition.
        KafkaAccumulator::Clock::time_point learned{};
    };

    explicit KafkaProducer(const KafkaLogSettings& settings)
        : settings_(settings), accumulator_(static_cast<std::size_t>(settings.buffer_bytes_max)) {}
    static void report(rd_kafka_t* client, const rd_kafka_message_t* message, void* opaque);
    static void failed(rd_kafka_t* client, int code, const char* why, void* self);
    Result<> add(Record record, std::shared_ptr<Batch> batch, std::size_t index);
    void hand_over_what_may_go();
    Result<> hand_over(KafkaAccumulator::Pending& pending);
    void answer_the_late();
    void serve();

    const KafkaLogSettings& settings_;
    KafkaHandle client_;
    std::optional<KafkaAdmin> admin_;  ///< Ends before its client.
    mutable std::mutex mutex_;
    std::map<std::string, Known, std::less<>> topics_;
    struct Refusal {
        Error why;
        KafkaAccumulator::Clock::time_point since;
    };
    std::map<std::string, Refusal> strangers_;  ///< By topic.
    KafkaAccumulator accumulator_;
    std::optional<Error> refusal_;  ///< As the last error event of that kind told it.
    KafkaAccumulator::Clock::time_point refused_{};
    std::int32_t next_partition_ = 0;  ///< Where the next record without a key goes.
    std::atomic<bool> stopping_{false};
    std::thread reports_;
};

}  // namespace productd
