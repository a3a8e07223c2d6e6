// Messages of a topic that were moved there from another log: which, where they are now, and whether in order.
#pragma once

#include <algorithm>
#include <deque>
#include <string>

#include "app/ports/message_log.hpp"
#include "domain/decide.hpp"

namespace productd {

/// On each of them: `topic/partition/offset/time` of what it was. What was moved once is known by it, and not again.
inline constexpr const char* migrated_from = "productd-migrated-from";

/// What tells whether two records say the same: key, value, headers and time.
Digest record_digest(const Record& record);

/// 48 bytes of memory for each.
class MovedMessages {
public:
    struct One {
        std::array<std::uint8_t, 16> origin;  ///< Of its SHA-256: no two meet by accident.
        std::array<std::uint8_t, 16> digest;  ///< Of the record's as it was moved, without the header.
        std::int64_t offset;                  ///< Where it is now.
        std::int32_t partition;
    };

    /// Reads the topic through. A topic that is not there has none, which brokers take a while to be sure of.
    static Task<MovedMessages> read(MessageLog& log, std::string topic);

    /// All that come from there: more than one where it is there twice.
    std::ranges::subrange<std::deque<One>::const_iterator> of(std::string_view origin) const;
    /// The first that stands before one that was behind it in its partition; empty where there is none.
    const std::string& out_of_order() const { return out_of_order_; }

private:
    std::deque<One> by_origin_;
    std::string out_of_order_;
};

/// Whether `one` says what the record of this digest says.
bool says(const MovedMessages::One& one, const Digest& digest);

/// How many partitions a topic has; 0 where it is not there.
Task<std::int32_t> partitions_in_topic(MessageLog& log, std::string topic);

}  // namespace productd
