// What the writer does to the log's file. Every call is one transaction, durable once it returns; on failure nothing of
// it is stored. For one thread.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "app/ports/message_log.hpp"
#include "outbound/sqlite/log/sqlite_log_mark.hpp"
#include "outbound/sqlite/sqlite_wal.hpp"

namespace productd {

struct SqliteLogPartition {
    std::int32_t id = 0;
    TopicPartition source;
    std::int64_t begin = 0;  ///< The first offset still there.
    std::int64_t end = 0;    ///< The next offset.
    std::int64_t bytes = 0;  ///< What its messages take, roughly.
};

struct SqliteLogRow {
    std::int32_t partition_id = 0;
    std::int64_t offset = 0;
    std::string_view record;
};

struct SqliteLogCommit {
    std::string group;
    std::int32_t partition_id = 0;
    Commit commit;
};

/// What a row takes beside its record, roughly.
constexpr std::int64_t log_row_bytes = 16;

class SqliteLogFile {
public:
    /// As SqliteDatabase::open. What the log may hold bounds its WAL, too.
    static Result<SqliteLogFile> open(const std::filesystem::path& path, std::int64_t log_bytes_max);

    // Read at the start; they cost a few look-ups a partition, however many messages there are.
    Result<std::vector<SqliteLogPartition>> partitions();
    Result<std::vector<SqliteLogCommit>> commits();
    Result<std::vector<std::pair<std::string, std::string>>> readers();  ///< Consumer group and topic.

    /// Appends `rows` (each above what its partition has) and notes `commits`.
    Result<> write(const std::vector<SqliteLogRow>& rows, const std::vector<SqliteLogCommit>& commits);
    /// Gives each of them an id, in order.
    Result<std::vector<std::int32_t>> add(const std::vector<TopicPartition>& partitions);
    Result<> add_readers(const std::string& group, const std::vector<std::string>& topics);
    /// Removes the messages from `from` to below `before`, which becomes `begin`. Returns the bytes they took.
    Result<std::int64_t> drop(std::int32_t partition_id, std::int64_t from, std::int64_t before);

    /// The store's mark as it was remembered last.
    const std::optional<StoreMark>& store_mark() const { return mark_->remembered(); }
    /// Remembers it now, and with all commits from here on, also where this fails.
    Result<> rest_on(std::function<StoreMark()> mark);

    /// When a message was written; nothing when there is none.
    Result<std::optional<Timestamp>> written_at(std::int32_t partition_id, std::int64_t offset);
    /// Pages in use, in bytes.
    Result<std::int64_t> used_bytes();
    /// Writes 60 KB, to see whether that works again: a disk has room for a little when it has none for messages.
    Result<> probe();
    void checkpoint() { database_.checkpoint(); }
    // As SqliteWal says; each returns its size.
    std::int64_t tend_wal() { return wal_.tend(database_), wal_.bytes(); }
    std::int64_t empty_wal() { return wal_.empty(database_), wal_.bytes(); }

private:
    SqliteLogFile(SqliteDatabase database, SqliteWal wal) : database_(std::move(database)), wal_(std::move(wal)) {}
    Result<> prepare();
    /// A transaction, unless somebody else opened the file for writing: offsets are counted in memory, so there must be
    /// one writer.
    Result<SqliteTransaction> begin();
    static Result<std::int64_t> first_number(SqliteStatement& statement);
    Result<std::int64_t> end_of(std::int32_t partition_id, std::int64_t begin);

    SqliteDatabase database_;
    SqliteWal wal_;
    std::int64_t opened_ = 0;  // How often the file had been opened when it was ours.
    std::int64_t data_version_ = -1;
    std::optional<SqliteLogMark> mark_;
    SqliteStatement append_, grow_, commit_, drop_, dropped_bytes_, move_begin_, last_, written_at_, pages_,
        free_pages_, data_version_now_, opened_now_;
};

}  // namespace productd
