// Fetches from an offset on, until there is enough or the partition ends. Calls librdkafka's consumer of single
// partitions.
#include "outbound/kafka/kafka_reader.hpp"

#include <algorithm>

#include "outbound/kafka/kafka_message.hpp"

namespace productd {

namespace {

constexpr std::size_t read_bytes_max = 16 << 20;
constexpr int fetch_poll_ms = 100;
constexpr std::chrono::milliseconds believed{5'000};

/// What a partition has from an offset on, while this lives.
class Fetching {
public:
    Fetching(rd_kafka_t* client, const TopicPartition& source, std::int64_t from)
        : queue_(rd_kafka_queue_new(client)),
          topic_(rd_kafka_topic_new(client, source.topic.c_str(), nullptr)),
          partition_(source.partition),
          has_begun_(rd_kafka_consume_start_queue(topic_.get(), partition_, from, queue_.get()) == 0) {}
    ~Fetching() {
        if (has_begun_) rd_kafka_consume_stop(topic_.get(), partition_);
    }
    Fetching(const Fetching&) = delete;
    Fetching& operator=(const Fetching&) = delete;

    KafkaMessage next() {
        return KafkaMessage(has_begun_ ? rd_kafka_consume_queue(queue_.get(), fetch_poll_ms) : nullptr);
    }

private:
    KafkaQueue queue_;
    KafkaTopic topic_;
    std::int32_t partition_;
    bool has_begun_;
};

}  // namespace

Result<std::unique_ptr<KafkaReader>> KafkaReader::open(const KafkaLogSettings& settings) {
    KafkaProperties properties(settings.connection);
    // The end is told at once, and nothing is fetched far ahead of the few pages that are read.
    properties.set("enable.partition.eof", "true").set("fetch.wait.max.ms", 10).set("auto.offset.reset", "error");
    properties.set("queued.max.messages.kbytes", read_bytes_max / 1024);
    // For questions about any group: without a group of its own librdkafka follows a null pointer when a broker is
    // not the coordinator any more (https://github.com/confluentinc/librdkafka/issues/5040), and it believes in one it
    // found before for as long as in other metadata.
    properties.set("group.id", settings.group).set("metadata.max.age.ms", believed.count());
    auto client = properties.open(RD_KAFKA_CONSUMER);
    if (!client) return fail(std::move(client).error());
    return std::unique_ptr<KafkaReader>(new KafkaReader(settings, std::move(*client)));
}

Result<std::vector<Message>> KafkaReader::read(const TopicPartition& source, std::int64_t from, std::int64_t end,
                                               std::size_t max) {
    const std::scoped_lock lock(mutex_);
    std::vector<Message> messages;
    std::size_t bytes = 0;
    Fetching fetching(client_.get(), source, from);
    const auto patience = 3 * settings_.call_timeout;
    auto deadline = std::chrono::steady_clock::now() + patience;
    while (messages.size() < max && bytes < read_bytes_max) {
        if (!messages.empty() && messages.back().position.offset + 1 >= end) break;
        const auto raw = fetching.next();
        if (!raw) {
            if (std::chrono::steady_clock::now() > deadline) return fail(kafka_error(RD_KAFKA_RESP_ERR__TIMED_OUT));
        } else if (raw->err == RD_KAFKA_RESP_ERR__PARTITION_EOF) {
            break;
        } else if (raw->err != RD_KAFKA_RESP_ERR_NO_ERROR) {
            return fail(kafka_error(raw->err));
        } else {
            messages.push_back(message_of(*raw));
            bytes += wire_bytes(messages.back());
            deadline = std::chrono::steady_clock::now() + patience;
        }
    }
    return messages;
}

}  // namespace productd
