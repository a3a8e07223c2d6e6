// One state of a file of ours, beside a service that goes on writing to it, and a copy of that state.
#pragma once

#include <functional>

#include "outbound/sqlite/sqlite_database.hpp"

namespace productd {

/// What was committed when it was taken, for as long as it lives. Meanwhile the file's WAL cannot be emptied, so it
/// grows by what is written (SqliteWal).
class SqliteSnapshot {
public:
    /// Changes nothing in the file, which any process may have open. Fails as SqliteDatabase::open, and for a file that
    /// is not there.
    static Result<SqliteSnapshot> take(const SqliteFile& file);

    /// As SqliteDatabase::number.
    Result<std::int64_t> number(std::string_view sql) { return database_.number(sql); }
    /// Bytes copied, and to be copied.
    using Told = std::function<void(std::int64_t, std::int64_t)>;
    /// Writes it to `to`, which is not there yet, page by page. It is not synced. `told` hears of each few MiB.
    Result<> copy_to(const std::filesystem::path& to, const Told& told);

private:
    explicit SqliteSnapshot(SqliteDatabase database) : database_(std::move(database)) {}

    SqliteDatabase database_;
};

/// Fails with data_loss unless the copy, which nobody has open, is sound from one end to the other, indexes included.
Result<> check_copy(SqliteDatabase& copy);

}  // namespace productd
