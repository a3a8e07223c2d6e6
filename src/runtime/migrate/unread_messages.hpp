// What of a log's messages is to be moved: what the group has not finished, dead letters, and what was done with them.
#pragma once

#include <deque>
#include <map>
#include <set>
#include <string>

#include "app/events/topics.hpp"
#include "app/worker/offsets/commit_metadata.hpp"
#include "outbound/sqlite/log/sqlite_log_scan.hpp"
#include "outbound/sqlite/store/sqlite_store_scan.hpp"

namespace productd {

/// The messages of one topic, the earliest first, and those of a partition in their order: nothing else orders them.
class TopicScan {
public:
    /// Of each partition from its `begin` on, which the caller may have moved on. `from` outlives it.
    TopicScan(SqliteLogScan& from, const std::vector<SqliteLogPartition>& partitions);
    /// Nothing at the end.
    Result<std::optional<Message>> next();

private:
    struct Cursor {
        SqliteLogPartition partition;
        std::int64_t next = 0;
        std::deque<Message> messages{};
    };
    SqliteLogScan& from_;
    std::vector<Cursor> cursors_;
};

/// Whether the group is done with a message. Its commits and what they remember tell of most, the products' fences of
/// what it applied after the last commit, and dead letters of what became one.
class FinishedByGroup {
public:
    /// All outlive it. `store`: null where the products are somewhere else.
    FinishedByGroup(SqliteLogScan& log, SqliteStoreScan* store, std::string group)
        : log_(&log), store_(store), group_(std::move(group)) {}

    /// Where reading a partition begins: below it all is finished.
    Result<std::int64_t> begin(const SqliteLogPartition& partition);
    /// The message of this id (`topic/partition/offset/time`) became a dead letter. Those of partitions whose begin()
    /// was asked for count; what is below it is not kept in mind.
    void note_letter(const std::string& id);
    /// For partitions whose begin() was asked for.
    Result<bool> has(ChangeKind kind, const Message& message, Timestamp now);

private:
    struct Place {
        std::int64_t commit = 0;
        FinishedAbove above;
    };
    SqliteLogScan* log_;
    SqliteStoreScan* store_;
    std::string group_;
    std::set<std::string> letters_;
    std::map<TopicPartition, Place> places_;
};

/// The record that says on another log what `message` says: a create without an id is given the one that its position
/// stands for here, since it will have another there.
Record moved_change(ChangeKind kind, const Message& message, Timestamp now);

}  // namespace productd
