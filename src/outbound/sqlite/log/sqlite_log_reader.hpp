// Reads messages that are no longer in memory, on a thread of its own with its own connection.
#pragma once

#include <memory>
#include <vector>

#include "app/ports/message_log.hpp"
#include "async/async.hpp"
#include "outbound/sqlite/sqlite_database.hpp"

namespace productd {

class SqliteLogReader {
public:
    /// The file must have been opened for writing before.
    static Result<std::unique_ptr<SqliteLogReader>> open(const std::filesystem::path& path);

    /// Messages of the partition from `from` to below `before`, as many as `room` has room for. resource_exhausted when
    /// 256 reads wait already.
    Task<std::vector<Message>> read(std::int32_t partition_id, TopicPartition source, std::int64_t from,
                                    std::int64_t before, FetchRoom room);

private:
    SqliteLogReader(SqliteDatabase database, SqliteStatement select)
        : database_(std::move(database)), select_(std::move(select)) {}

    struct Range {
        std::int32_t partition_id;
        std::int64_t from, before;
        FetchRoom room;
    };
    Result<std::vector<Message>> read_now(const TopicPartition& source, const Range& range);

    SqliteDatabase database_;
    SqliteStatement select_;
    BlockingPool pool_{"log reader", 1, 256, "log-reader"};  // One thread, so the connection needs no lock. Ends first.
};

}  // namespace productd
