// The newest messages of the log, kept in memory for subscribers: what was just written is delivered without a read.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <utility>
#include <vector>

#include "app/ports/message_log.hpp"

namespace productd {

using MessagePtr = std::shared_ptr<const Message>;

/// Bounded by bytes over all partitions; the oldest go first. Not thread-safe.
class SqliteLogTail {
public:
    explicit SqliteLogTail(std::int64_t bytes_max) : bytes_max_(bytes_max) {}

    /// Messages of one partition come in order, without gaps; after one that was not kept, call forget().
    void keep(std::int32_t partition_id, MessagePtr message);
    void forget(std::int32_t partition_id);
    /// From offset `from` on; none if it is not here.
    std::vector<MessagePtr> read(std::int32_t partition_id, std::int64_t from, const FetchRoom& room) const;
    std::int64_t bytes() const { return bytes_; }

private:
    void shorten();

    std::int64_t bytes_max_;
    std::int64_t bytes_ = 0;
    std::map<std::int32_t, std::deque<MessagePtr>> messages_;
    std::deque<std::int32_t> order_;  // The partition of each message, oldest first.
};

/// What a message takes in memory, roughly.
std::int64_t memory_bytes(const Message& message);

}  // namespace productd
