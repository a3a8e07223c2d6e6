// Statements and the one table of SQLite's errors. Calls the SQLite C API.
#include "outbound/sqlite/sqlite_statement.hpp"

#include <fmt/format.h>

#include <cerrno>

namespace productd {

namespace {

/// A file system that has no room says so in several ways: full, over the quota, over the limit of a file's size.
bool no_room(int system_error) { return system_error == ENOSPC || system_error == EDQUOT || system_error == EFBIG; }

/// The cause is for the operator: which file it is, and what is to be done.
Error by_code(int code, int system_error, std::string_view file) {
    switch (code & 0xff) {  // The low byte is the primary code (https://sqlite.org/rescode.html).
        case SQLITE_IOERR:
            if (!no_room(system_error)) {
                return {Errc::unavailable,
                        "The disk of the data folder failed.",
                        {},
                        fmt::format("The disk of {} failed: check it", file)};
            }
            [[fallthrough]];
        case SQLITE_FULL:
            return {Errc::unavailable,
                    "The disk of the data folder is full.",
                    {},
                    fmt::format("The disk of {} is full: free space, or choose another folder with --data-dir", file)};
        case SQLITE_READONLY:
        case SQLITE_CANTOPEN:
        case SQLITE_PERM:
        case SQLITE_AUTH:
            return {Errc::failed_precondition,
                    "What is stored cannot be written.",
                    {},
                    fmt::format("{} cannot be written: make it and its folder writable for this user", file)};
        case SQLITE_NOTADB:
        case SQLITE_CORRUPT:
            return {Errc::data_loss,
                    "What is stored is damaged.",
                    {},
                    fmt::format("{} is damaged, and was left as it is: put back a backup, or move it away", file)};
        case SQLITE_BUSY:
        case SQLITE_LOCKED:
        case SQLITE_PROTOCOL:
            return {Errc::unavailable,
                    "What is stored is locked by another process.",
                    {},
                    fmt::format("{} is locked by another process: end that one", file)};
        case SQLITE_CONSTRAINT: return {Errc::already_exists, "It is stored already."};
        case SQLITE_TOOBIG: return {Errc::invalid_argument, "It is too large to be stored."};
        case SQLITE_NOMEM: return {Errc::resource_exhausted, "There is not enough memory."};
        case SQLITE_INTERRUPT: return {Errc::cancelled, "The call was given up."};
        default:
            return {Errc::internal, "What is stored could not be used.", {}, fmt::format("A call to {} failed", file)};
    }
}

/// errno of the last failed call. SQLite forgets it when a commit fails; then its files still know, the WAL first.
int system_error_of(sqlite3* connection) {
    if (const int kept = sqlite3_system_errno(connection); kept != 0) return kept;
    for (const int which : {SQLITE_FCNTL_JOURNAL_POINTER, SQLITE_FCNTL_FILE_POINTER}) {
        sqlite3_file* file = nullptr;
        int last = 0;
        if (sqlite3_file_control(connection, "main", which, static_cast<void*>(&file)) != SQLITE_OK) continue;
        if (file == nullptr || file->pMethods == nullptr) continue;
        if (file->pMethods->xFileControl(file, SQLITE_FCNTL_LAST_ERRNO, &last) == SQLITE_OK && last != 0) return last;
    }
    return 0;
}

}  // namespace

Error sqlite_error(sqlite3* connection, int code, std::string_view file) {
    const bool failed_io = connection != nullptr && (code & 0xff) == SQLITE_IOERR;
    const int system_error = failed_io ? system_error_of(connection) : 0;
    auto error = by_code(code, system_error, file);
    const auto* said = connection != nullptr ? sqlite3_errmsg(connection) : sqlite3_errstr(code);
    error.cause = fmt::format("{} ({}; sqlite code {}, errno {}).",
                              error.cause.empty() ? std::string(file) : error.cause, said, code, system_error);
    return error;
}

Result<bool> SqliteStatement::step() {
    const int code = bind_code_ != SQLITE_OK ? bind_code_ : sqlite3_step(statement_.get());
    if (code == SQLITE_ROW) return true;
    if (code == SQLITE_DONE) {
        reset();
        return false;
    }
    auto error = sqlite_error(sqlite3_db_handle(statement_.get()), code, file_);
    reset();
    return fail(std::move(error));
}

Result<> SqliteStatement::run() {
    for (;;) {
        auto row = step();
        if (!row) return fail(std::move(row).error());
        if (!*row) return {};
    }
}

void SqliteStatement::reset() {
    sqlite3_reset(statement_.get());
    sqlite3_clear_bindings(statement_.get());
    bind_code_ = SQLITE_OK;
}

std::string_view SqliteStatement::bytes(int column) const {
    const auto* data = static_cast<const char*>(sqlite3_column_blob(statement_.get(), column));
    if (data == nullptr) return "";
    return {data, static_cast<std::size_t>(sqlite3_column_bytes(statement_.get(), column))};
}

// A null pointer would bind NULL, and an empty view may hold one.
void SqliteStatement::bind_at(int index, std::string_view text) {
    note(sqlite3_bind_text64(statement_.get(), index, text.data() != nullptr ? text.data() : "", text.size(),
                             SQLITE_STATIC, SQLITE_UTF8));
}

void SqliteStatement::bind_at(int index, SqliteBlob blob) {
    note(sqlite3_bind_blob64(statement_.get(), index, blob.bytes.data() != nullptr ? blob.bytes.data() : "",
                             blob.bytes.size(), SQLITE_STATIC));
}

}  // namespace productd
