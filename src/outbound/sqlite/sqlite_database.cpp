// Opens, checks and migrates SQLite files of ours. Calls the SQLite C API and looks at the file's header itself, since
// SQLite would recover and rewrite a foreign file just by opening it.
#include "outbound/sqlite/sqlite_database.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <utility>

#include "outbound/sqlite/sqlite_soundness.hpp"

namespace productd {

namespace {

constexpr std::string_view magic{"SQLite format 3\0", 16};
constexpr int for_writing = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE;

Error foreign(const SqliteFile& file) {
    return {Errc::failed_precondition,
            fmt::format("{} belongs to another program, and was left as it is: move it away, or choose another folder "
                        "with --data-dir.",
                        file.path.string())};
}

Error newer(const SqliteFile& file, std::int64_t schema) {
    return {
        Errc::failed_precondition,
        fmt::format("{} was written by a newer productd (schema {}, this one knows {}), and was left as it is: start "
                    "that version again.",
                    file.path.string(), schema, file.migrations.size())};
}

/// Nobody calls the API yet: what it is and what is to be done comes first.
Error for_starter(Error error) {
    if (!error.cause.empty()) error.detail = std::exchange(error.cause, {});
    return error;
}

std::uint32_t big_endian(const unsigned char* bytes) {
    return (std::uint32_t{bytes[0]} << 24) | (std::uint32_t{bytes[1]} << 16) | (std::uint32_t{bytes[2]} << 8) |
           bytes[3];
}

/// Looks at the 100 bytes every SQLite file begins with (https://sqlite.org/fileformat.html) and touches nothing. A
/// missing or empty file is fine: it becomes ours. Our id is in the header from the first write on, so it is never
/// only in the WAL. Not for a file this process has open: closing a descriptor lets go of SQLite's locks on it.
Result<> look_at_header(const SqliteFile& file) {
    const int descriptor = ::open(file.path.c_str(), O_RDONLY | O_CLOEXEC);
    if (descriptor < 0) {
        if (errno == ENOENT) return {};
        return fail(sqlite_error(nullptr, SQLITE_CANTOPEN, file.path.string()));
    }
    std::array<unsigned char, 100> header{};
    const auto length = ::pread(descriptor, header.data(), header.size(), 0);
    ::close(descriptor);
    if (length == 0) return {};
    if (length < 0) return fail(sqlite_error(nullptr, SQLITE_IOERR, file.path.string()));
    if (static_cast<std::size_t>(length) < header.size() ||
        std::memcmp(header.data(), magic.data(), magic.size()) != 0) {
        return fail(sqlite_error(nullptr, SQLITE_NOTADB, file.path.string()));
    }
    if (big_endian(&header[68]) != static_cast<std::uint32_t>(file.application_id)) return fail(foreign(file));
    const auto schema = big_endian(&header[60]);
    if (schema > file.migrations.size()) return fail(newer(file, schema));
    return {};
}

}  // namespace

Result<SqliteDatabase> SqliteDatabase::connect(const SqliteFile& file, const std::string& name, int flags) {
    SqliteDatabase database;
    database.file_name_ = std::make_unique<std::string>(file.path.filename().string());
    sqlite3* connection = nullptr;
    const int code =
        sqlite3_open_v2(name.c_str(), &connection, flags | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE, nullptr);
    database.connection_.reset(connection);
    if (code != SQLITE_OK) return fail(sqlite_error(connection, code, file.path.string()));
    if (const int extended = file.extend != nullptr ? file.extend(connection) : SQLITE_OK; extended != SQLITE_OK) {
        return fail(sqlite_error(connection, extended, *database.file_name_));
    }
    sqlite3_busy_timeout(connection, static_cast<int>(file.busy_wait.count()));
    database.busy_wait_ = file.busy_wait;
    auto set =
        database.execute(fmt::format("PRAGMA cache_size = -{}; PRAGMA temp_store = MEMORY; PRAGMA foreign_keys = OFF;",
                                     file.page_cache_bytes_max / 1024));
    if (!set) return fail(std::move(set).error());
    return database;
}

Result<SqliteDatabase> SqliteDatabase::open(const SqliteFile& file) {
    auto opened = [&file]() -> Result<SqliteDatabase> {
        if (auto looked = look_at_header(file); !looked) return fail(std::move(looked).error());
        auto database = connect(file, file.path.string(), for_writing);
        if (!database) return database;
        if (auto claimed = database->claim(file); !claimed) return fail(std::move(claimed).error());
        auto set = database->execute(
            fmt::format("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA wal_autocheckpoint = {};"
                        "PRAGMA journal_size_limit = {}; PRAGMA secure_delete = FAST;",
                        std::min<std::int64_t>(4'000, file.wal_bytes_small() / 4'096), file.wal_bytes_small()));
        if (!set) return fail(std::move(set).error());
        if (auto migrated = database->migrate(file); !migrated) return fail(std::move(migrated).error());
        return database;
    }();
    if (!opened) return fail(for_starter(std::move(opened).error()));
    return opened;
}

Result<SqliteDatabase> SqliteDatabase::open_reader(const SqliteFile& file) {
    auto database = connect(file, file.path.string(), for_writing);
    if (!database) return database;
    if (auto set = database->execute("PRAGMA query_only = ON;"); !set) return fail(std::move(set).error());
    return database;
}

Result<SqliteDatabase> SqliteDatabase::open_unchanged(const SqliteFile& file) {
    return open_to_look(file, file.path.string(), SQLITE_OPEN_READONLY);
}

Result<SqliteDatabase> SqliteDatabase::open_still(const SqliteFile& file) {
    return open_to_look(file, immutable_uri(file.path), SQLITE_OPEN_READONLY | SQLITE_OPEN_URI);
}

/// Not by the header: this process may have the file open, and closing a descriptor would let go of its locks.
Result<SqliteDatabase> SqliteDatabase::open_to_look(const SqliteFile& file, const std::string& name, int flags) {
    auto database = connect(file, name, flags);
    if (!database) return fail(for_starter(std::move(database).error()));
    const auto id = database->number("PRAGMA application_id");
    if (!id) return fail(for_starter(id.error()));
    const auto schema = database->number("PRAGMA user_version");
    if (!schema) return fail(for_starter(schema.error()));
    if (*id != file.application_id) return fail(foreign(file));
    if (*schema > static_cast<std::int64_t>(file.migrations.size())) return fail(newer(file, *schema));
    return database;
}

/// Writes our id into a new file, still with a rollback journal, so that it reaches the header before any WAL exists.
Result<> SqliteDatabase::claim(const SqliteFile& file) {
    auto id = number("PRAGMA application_id");
    if (!id) return fail(std::move(id).error());
    if (*id == file.application_id) return {};
    auto objects = number("SELECT count(*) FROM sqlite_schema");
    if (!objects) return fail(std::move(objects).error());
    if (*id != 0 || *objects != 0) return fail(foreign(file));
    ::chmod(file.path.c_str(), 0600);
    return execute(fmt::format("PRAGMA page_size = 4096; PRAGMA application_id = {};", file.application_id));
}

Result<> SqliteDatabase::migrate(const SqliteFile& file) {
    auto schema = number("PRAGMA user_version");
    if (!schema) return fail(std::move(schema).error());
    const auto known = static_cast<std::int64_t>(file.migrations.size());
    if (*schema > known) return fail(newer(file, *schema));
    if (*schema == known) return {};

    auto transaction = SqliteTransaction::begin(*this);
    if (!transaction) return fail(std::move(transaction).error());
    for (auto step = *schema; step < known; ++step) {
        auto done = execute(file.migrations[static_cast<std::size_t>(step)]);
        if (!done) return done;
    }
    if (auto noted = execute(fmt::format("PRAGMA user_version = {};", known)); !noted) return noted;
    return transaction->commit();
}

Result<> SqliteDatabase::execute(const std::string& sql) {
    const int code = sqlite3_exec(connection_.get(), sql.c_str(), nullptr, nullptr, nullptr);
    if (code != SQLITE_OK) return fail(sqlite_error(connection_.get(), code, *file_name_));
    return {};
}

Result<SqliteStatement> SqliteDatabase::prepare(std::string_view sql) {
    sqlite3_stmt* statement = nullptr;
    const int code = sqlite3_prepare_v3(connection_.get(), sql.data(), static_cast<int>(sql.size()),
                                        SQLITE_PREPARE_PERSISTENT, &statement, nullptr);
    if (code != SQLITE_OK) return fail(sqlite_error(connection_.get(), code, *file_name_));
    return SqliteStatement(statement, file_name_->c_str());
}

Result<std::int64_t> SqliteDatabase::number(std::string_view sql) {
    auto statement = prepare(sql);
    if (!statement) return fail(std::move(statement).error());
    auto row = statement->step();
    if (!row) return fail(std::move(row).error());
    return *row ? statement->integer(0) : 0;
}

void SqliteDatabase::checkpoint(std::chrono::milliseconds wait) {
    sqlite3_busy_timeout(connection_.get(), static_cast<int>(wait.count()));
    sqlite3_wal_checkpoint_v2(connection_.get(), nullptr, SQLITE_CHECKPOINT_TRUNCATE, nullptr, nullptr);
    sqlite3_busy_timeout(connection_.get(), static_cast<int>(busy_wait_.count()));
}

Result<SqliteTransaction> SqliteTransaction::begin(SqliteDatabase& database, SqliteAccess access) {
    auto begun = database.execute(access == SqliteAccess::write ? "BEGIN IMMEDIATE" : "BEGIN");
    if (!begun) return fail(std::move(begun).error());
    return SqliteTransaction(database);
}

SqliteTransaction::~SqliteTransaction() {
    // SQLite itself rolls back after some errors; then there is nothing left to end.
    if (database_ != nullptr && sqlite3_get_autocommit(database_->handle()) == 0) {
        static_cast<void>(database_->execute("ROLLBACK"));
    }
}

Result<> SqliteTransaction::commit() {
    auto done = database_->execute("COMMIT");
    if (done) database_ = nullptr;
    return done;
}

}  // namespace productd
