// Reads partitions without being in a group.
#pragma once

#include <mutex>

#include "outbound/kafka/kafka_client.hpp"
#include "outbound/kafka/kafka_topics.hpp"

namespace productd {

/// One read at a time; each blocks: use it on a pool's threads.
class KafkaReader {
public:
    static Result<std::unique_ptr<KafkaReader>> open(const KafkaLogSettings& settings);

    /// At most `max` messages, about 16 MiB, from `from` on; fewer at `end`, which is the partition's.
    Result<std::vector<Message>> read(const TopicPartition& source, std::int64_t from, std::int64_t end,
                                      std::size_t max);
    /// Asks over the reader's connections, about groups too.
    const KafkaAdmin& admin() const { return admin_; }
    /// Makes them over the reader's connections. Used while the reader lives.
    KafkaTopics topics() const { return {settings_, client_.get(), admin_}; }

private:
    KafkaReader(const KafkaLogSettings& settings, KafkaHandle client)
        : settings_(settings), client_(std::move(client)), admin_(settings, client_.get()) {}

    const KafkaLogSettings& settings_;
    std::mutex mutex_;
    KafkaHandle client_;
    const KafkaAdmin admin_;  ///< Ends before its client.
};

}  // namespace productd
