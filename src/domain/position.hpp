// Where a message stands in the log.
#pragma once

#include <compare>
#include <cstdint>
#include <string>

#include "domain/product.hpp"

namespace productd {

struct TopicPartition {
    std::string topic;
    std::int32_t partition = 0;
    auto operator<=>(const TopicPartition&) const = default;
};

struct Position {
    TopicPartition source;
    std::int64_t offset = 0;
    Timestamp time{};  ///< The message's time; 0 when it has none.
    bool operator==(const Position&) const = default;
};

/// `topic/partition/offset/time` (milliseconds): names a message for ever, also after its topic was made anew.
inline std::string to_string(const Position& position) {
    return position.source.topic + '/' + std::to_string(position.source.partition) + '/' +
           std::to_string(position.offset) + '/' + std::to_string(position.time.time_since_epoch().count());
}

}  // namespace productd

template <>
struct std::hash<productd::TopicPartition> {
    std::size_t operator()(const productd::TopicPartition& source) const noexcept {
        return std::hash<std::string>{}(source.topic) * 31 + static_cast<std::size_t>(source.partition);
    }
};
