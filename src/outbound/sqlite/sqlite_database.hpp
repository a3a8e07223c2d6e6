// One connection to one SQLite file of ours, opened the only safe way. Log and store both stand on it.
#pragma once

#include <chrono>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "domain/result.hpp"
#include "outbound/sqlite/sqlite_statement.hpp"

namespace productd {

/// What a file must be to be ours.
struct SqliteFile {
    std::filesystem::path path;
    std::int32_t application_id = 0;      ///< Not 0. A file with another one is refused.
    std::vector<std::string> migrations;  ///< The nth takes schema version n to n + 1. Never edited once released.
    std::chrono::milliseconds busy_wait{250};
    std::int64_t page_cache_bytes_max = 2 << 20;  ///< What this connection keeps in memory.
    int (*extend)(sqlite3*) = nullptr;       ///< Adds what the schema needs to each connection; returns a result code.
    std::int64_t wal_bytes_max = 256 << 20;  ///< See SqliteWal.

    /// Up to this size the WAL is nobody's concern.
    std::int64_t wal_bytes_small() const { return wal_bytes_max / 4; }
};

/// Not thread-safe: one thread at a time. Movable; statements stay valid when it is moved.
class SqliteDatabase {
public:
    /// Opens for writing, creates the file (0600) when missing, and brings its schema up to date in one transaction.
    /// A foreign file and a newer schema fail with failed_precondition, a damaged one with data_loss; none is touched,
    /// and whoever starts the service is told its name. Every commit is synced to disk (WAL, synchronous=FULL).
    static Result<SqliteDatabase> open(const SqliteFile& file);
    /// A further connection that only reads. The file must have been opened for writing before.
    static Result<SqliteDatabase> open_reader(const SqliteFile& file);
    /// For a look at a file that another process may have open: changes nothing in it. Fails as open().
    static Result<SqliteDatabase> open_unchanged(const SqliteFile& file);
    /// The same of a file that nobody has open: no lock is taken, and no WAL looked for or made.
    static Result<SqliteDatabase> open_still(const SqliteFile& file);
    using Opener = Result<SqliteDatabase> (*)(const SqliteFile& file);

    /// Runs one or more statements without values, ignoring rows.
    Result<> execute(const std::string& sql);
    Result<SqliteStatement> prepare(std::string_view sql);
    /// The first column of the first row of `sql`, 0 without a row: for pragmas and counts.
    Result<std::int64_t> number(std::string_view sql);
    /// Rows changed by the last statement.
    std::int64_t changes() const { return sqlite3_changes64(connection_.get()); }
    /// Copies the WAL into the file and empties it. Waits for those in the middle of a read, twice `wait` at most, but
    /// holds up no reader. Best effort.
    void checkpoint(std::chrono::milliseconds wait);
    void checkpoint() { checkpoint(busy_wait_); }

    sqlite3* handle() const { return connection_.get(); }
    /// The file's name without its folder.
    const std::string& file_name() const { return *file_name_; }

private:
    struct Close {
        void operator()(sqlite3* connection) const { sqlite3_close_v2(connection); }
    };
    SqliteDatabase() = default;

    static Result<SqliteDatabase> connect(const SqliteFile& file, const std::string& name, int flags);
    static Result<SqliteDatabase> open_to_look(const SqliteFile& file, const std::string& name, int flags);
    Result<> claim(const SqliteFile& file);
    Result<> migrate(const SqliteFile& file);

    std::unique_ptr<std::string> file_name_;  // Statements point to its text, also after a move.
    std::unique_ptr<sqlite3, Close> connection_;
    std::chrono::milliseconds busy_wait_{0};
};

enum class SqliteAccess { read, write };

/// A transaction that is rolled back unless it was committed. A reading one sees one state of the file; keep it short,
/// since it keeps the WAL from being emptied.
class SqliteTransaction {
public:
    static Result<SqliteTransaction> begin(SqliteDatabase& database, SqliteAccess access = SqliteAccess::write);
    ~SqliteTransaction();
    SqliteTransaction(SqliteTransaction&& other) noexcept : database_(std::exchange(other.database_, nullptr)) {}
    SqliteTransaction& operator=(SqliteTransaction&&) = delete;

    /// Durable once it returns. On failure nothing of it is stored.
    Result<> commit();

private:
    explicit SqliteTransaction(SqliteDatabase& database) : database_(&database) {}

    SqliteDatabase* database_;
};

}  // namespace productd
