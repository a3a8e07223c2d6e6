// All that an event log's file has, read from one end to the other, for who moves it somewhere else.
#pragma once

#include <filesystem>

#include "outbound/sqlite/log/sqlite_log_file.hpp"

namespace productd {

class SqliteLogScan {
public:
    /// The state of now, for as long as it lives; changes nothing. Fails as `open`, which is
    /// SqliteDatabase::open_unchanged or open_still.
    static Result<SqliteLogScan> open(const std::filesystem::path& path, SqliteDatabase::Opener open);

    /// By topic and partition; `end` is behind the last message.
    Result<std::vector<SqliteLogPartition>> partitions();
    /// Where the group stands in a partition; nothing where it never committed.
    Result<std::optional<Commit>> commit(const std::string& group, std::int32_t partition_id);
    /// Up to `max` messages from `from` on, fewer if they are large. Empty at the end. Fails with data_loss for one
    /// that is damaged.
    Result<std::vector<Message>> page(const SqliteLogPartition& partition, std::int64_t from, std::size_t max);

private:
    explicit SqliteLogScan(SqliteDatabase database) : database_(std::move(database)) {}

    SqliteDatabase database_;
    SqliteStatement page_, commit_;
};

}  // namespace productd
