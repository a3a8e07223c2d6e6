// What the embedded log knows of its topics without asking the disk: where each partition begins and ends, the newest
// messages, and who waits for more. For all threads.
#pragma once

#include <deque>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "app/ports/message_log.hpp"
#include "async/waker.hpp"
#include "outbound/sqlite/log/sqlite_log_file.hpp"
#include "outbound/sqlite/log/sqlite_log_room.hpp"
#include "outbound/sqlite/log/sqlite_log_settings.hpp"
#include "outbound/sqlite/log/sqlite_log_tail.hpp"

namespace productd {

/// A message that has just become durable.
struct SqliteLogAppended {
    std::int32_t partition_id = 0;
    std::int64_t row_bytes = 0;
    MessagePtr message;
};

class SqliteLogIndex {
public:
    explicit SqliteLogIndex(const SqliteLogSettings& settings);

    /// How much the log may still hold.
    SqliteLogRoom& room() { return room_; }
    const SqliteLogRoom& room() const { return room_; }

    /// Wakes every follower, since a topic it follows may have grown.
    void add(const std::vector<SqliteLogPartition>& partitions);
    /// How many partitions there are; partitions never go.
    std::size_t size() const;
    std::vector<SqliteLogPartition> partitions() const;
    std::vector<TopicInfo> describe() const;
    /// not_found for the topic, invalid_argument for the partition.
    Result<SqliteLogPartition> find(const TopicPartition& source) const;
    /// Every partition of `topics`; not_found names the first topic that is missing.
    Result<std::vector<SqliteLogPartition>> partitions_of(const std::vector<std::string>& topics) const;
    const TopicPartition& source_of(std::int32_t partition_id) const;
    std::int64_t end_of(std::int32_t partition_id) const;

    /// The partition each record goes to, or why it is refused: unknown topic or partition, too large, no room.
    std::vector<Result<std::int32_t>> place(const std::vector<Record>& records);
    /// Makes durable messages visible and wakes who waits for them.
    void appended(const std::vector<SqliteLogAppended>& messages);
    void dropped(std::int32_t partition_id, std::int64_t begin, std::int64_t bytes);

    struct View {
        std::int64_t begin = 0;
        std::int64_t end = 0;
        std::vector<MessagePtr> messages;  ///< From the offset asked for on; none when memory does not have it.
    };
    View view(std::int32_t partition_id, std::int64_t from, const FetchRoom& room) const;

    /// The newest messages of followed topics stay in memory, and the follower is woken for new ones.
    void follow(const std::vector<std::string>& topics, const std::shared_ptr<Waker>& waker);
    void unfollow(const std::shared_ptr<Waker>& waker);
    /// Wakes every follower for the last time.
    void close();
    bool closed() const;

private:
    struct Topic {
        std::vector<std::int32_t> partitions;
        std::uint32_t keyless = 0;
        std::vector<std::shared_ptr<Waker>> followers;
    };

    Result<std::int32_t> place(const Record& record);
    SqliteLogPartition& partition(std::int32_t id) { return partitions_[static_cast<std::size_t>(id - 1)]; }
    const SqliteLogPartition& partition(std::int32_t id) const { return partitions_[static_cast<std::size_t>(id - 1)]; }
    void wake_all() const;

    SqliteLogRoom room_;
    mutable std::mutex mutex_;
    std::deque<SqliteLogPartition> partitions_;  // By id, from 1. A deque: source_of() stays valid.
    std::map<std::string, Topic, std::less<>> topics_;
    SqliteLogTail tail_;
    bool closed_ = false;
};

}  // namespace productd
