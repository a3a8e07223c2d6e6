// Reads partitions without a group.
#pragma once

#include <mutex>

#include "app/ports.hpp"
#include "outbound/kafka_log_settings.hpp"

namespace productd {

/// One read at a time; each blocks: use it on a pool's threads.
class KafkaReader {
public:
    static Result<std::unique_ptr<KafkaReader>> open(const KafkaLogSettings& settings);

    /// At most `max` messages, about 16 MiB, from `from` on; fewer at `end`, which is the partition's.
    Result<std::vector<Message>> read(const TopicPartition& source, std::int64_t from, std::int64_t end,
                                      std::size_t max);

private:
    KafkaReader(const KafkaLogSettings& settings, KafkaHandle client)
        : settings_(settings), client_(std::move(client)) {}

    const KafkaLogSettings& settings_;
    std::mutex mutex_;
    KafkaHandle client_;
};

}  // namespace productd
