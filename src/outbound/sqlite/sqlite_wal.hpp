// Keeps the write-ahead log of a file of ours small, though others read the file all the time.
#pragma once

#include <chrono>
#include <filesystem>

#include "outbound/sqlite/sqlite_database.hpp"

namespace productd {

/// SQLite alone begins its WAL anew only at an instant in which nobody reads from it: with readers that overlap, never.
/// This has the writer wait for those that are in the middle of a read; who comes later then reads from the file and
/// holds nothing. For the writer's thread.
class SqliteWal {
public:
    /// `read_time_max`: how long one read of ours takes at most.
    SqliteWal(const SqliteFile& file, std::chrono::milliseconds read_time_max);

    /// The size of the WAL's file when it was last looked at.
    std::int64_t bytes() const { return bytes_; }
    /// Looks at the size, and empties the WAL when it has grown. Call it after each commit: it costs a microsecond, and
    /// above half of the bound at most twice the time of a read.
    void tend(SqliteDatabase& database);
    /// Tries to empty it now; true when it is small afterwards.
    bool empty(SqliteDatabase& database);
    /// Fails with unavailable while the WAL is at its bound, which `setting` names, and cannot be emptied: somebody
    /// outside this process is in the middle of a read. Call it before a write.
    Result<> check_room(SqliteDatabase& database, std::string_view setting);

private:
    void look();
    void attempt(SqliteDatabase& database, std::chrono::milliseconds wait);

    std::filesystem::path path_;
    std::int64_t bytes_max_;
    std::int64_t small_;  ///< Above it the WAL is emptied.
    std::chrono::milliseconds read_time_max_;
    std::int64_t bytes_ = 0;
    std::int64_t next_attempt_;
};

}  // namespace productd
