// The one thread that writes to the log's file: everything that waits goes into one transaction, and one sync to disk
// answers all who wait for it (group commit).
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "app/ports/clock.hpp"
#include "outbound/sqlite/log/sqlite_log_retention.hpp"

namespace productd {

/// One call of publish() on its way to the disk.
struct SqliteLogAppend {
    struct Entry {
        std::size_t index = 0;  ///< Its place in `results`.
        std::int32_t partition_id = 0;
        std::string record;  ///< Packed.
        std::shared_ptr<Message> message;
    };
    std::vector<Entry> entries;
    std::vector<Result<Position>> results;  ///< In the order of the call; those of refused records are there already.
    std::int64_t bytes = 0;
    std::function<void(Result<std::vector<Result<Position>>>)> done;  ///< Called once, on the writer's thread.
};

class SqliteLogWriter {
public:
    using Work = std::function<void(SqliteLogFile&)>;

    SqliteLogWriter(const SqliteLogSettings& settings, SqliteLogFile file, SqliteLogIndex& index,
                    SqliteLogGroups& groups);
    ~SqliteLogWriter() { close(); }

    /// From any thread. resource_exhausted when the queue is full, unavailable after close(); then `done` is not
    /// called.
    Result<> append(SqliteLogAppend append);
    /// Runs `work` between two transactions. False after close(): it is not run then.
    bool run(Work work);
    /// Some commit is waiting in the groups: it is written with the next transaction, or after the delay.
    void commit_waits();
    /// Takes nothing new, writes what waits, empties the WAL and ends the thread. Blocks until then. Idempotent.
    void close();

    /// Why the last transaction failed; nothing once one succeeded.
    std::optional<Error> failure() const;
    /// Notes the outcome of a transaction, also of one made by some work.
    void note(const Result<>& outcome);
    SqliteLogCounts counts() const;

private:
    using Clock = std::chrono::steady_clock;
    struct Batch {
        std::vector<SqliteLogAppend> appends;
        std::deque<Work> works;
        bool commits = false;  // Their delay is over.
        bool last = false;
    };

    void loop();
    Batch take();
    void take_appends(Batch& batch);
    void write(std::vector<SqliteLogAppend> appends);
    Result<> write_rows(std::vector<SqliteLogAppend>& appends, const std::vector<SqliteLogCommit>& commits);
    void show(std::vector<SqliteLogAppend>& appends, std::chrono::nanoseconds took);
    void retain();

    const SqliteLogSettings& settings_;
    SqliteLogFile file_;
    SqliteLogIndex& index_;
    SqliteLogGroups& groups_;
    SqliteLogRetention retention_;

    mutable std::mutex mutex_;
    std::condition_variable changed_;
    std::deque<SqliteLogAppend> appends_;
    std::deque<Work> works_;
    std::size_t queued_records_ = 0;
    std::int64_t queued_bytes_ = 0;
    Clock::time_point commits_due_ = Clock::time_point::max();
    Clock::time_point retention_due_;
    bool closing_ = false;
    std::optional<Error> failure_;
    SqliteLogCounts counts_;
    std::mutex close_mutex_;
    std::thread thread_;
};

}  // namespace productd
