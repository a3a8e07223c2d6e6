// The hash by which Kafka's producers choose a partition for a key.
#pragma once

#include <cstdint>
#include <string_view>

namespace productd {

/// MurmurHash2 with the seed of Kafka's Java client (org.apache.kafka.common.utils.Utils.murmur2).
std::int32_t murmur2(std::string_view bytes);

/// The partition of 0 to `partitions` - 1 that Kafka's default partitioner gives to `key`. `partitions` is at least 1.
inline std::int32_t partition_of(std::string_view key, std::int32_t partitions) {
    return (murmur2(key) & 0x7fffffff) % partitions;
}

}  // namespace productd
