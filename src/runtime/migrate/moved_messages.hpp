// Messages of a topic that were moved there from another log: which, where they are now, and whether in order.
#pragma once

#include <functional>
#include <string>
#include <unordered_map>

#include "app/ports/message_log.hpp"
#include "domain/decide.hpp"

namespace productd {

/// On each of them: `topic/partition/offset/time` of what it was. What was moved once is known by it, and not again.
inline constexpr const char* migrated_from = "productd-migrated-from";

/// What tells whether two records say the same: key, value, headers and time.
Digest record_digest(const Record& record);

struct MovedMessages {
    struct One {
        Position position;  ///< Where it is now.
        Digest digest{};    ///< Of the record as it was moved, without the header.
        int times = 0;
    };
    std::unordered_map<std::string, One> by_origin;
    /// The first that stands before one that was behind it in its partition; empty where there is none.
    std::string out_of_order;

    /// Reads the topic through. A topic that is not there has none, which brokers take a while to be sure of.
    static Task<MovedMessages> read(MessageLog& log, std::string topic);
};

/// How many partitions a topic has; 0 where it is not there.
Task<std::int32_t> partitions_in_topic(MessageLog& log, std::string topic);

}  // namespace productd
