// One prepared statement of SQLite: typed values in, typed columns out, errors as values.
#pragma once

#include <sqlite3.h>

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>

#include "domain/result.hpp"

namespace productd {

/// The only place where a result code of SQLite becomes an Error. `connection` may be null; `file` is what the cause, a
/// sentence for who runs the service, calls it. Full disk, I/O errors and locks are unavailable, a file that cannot be
/// written is failed_precondition, damage is data_loss, a broken constraint is already_exists.
Error sqlite_error(sqlite3* connection, int code, std::string_view file);

/// Binds as a BLOB instead of TEXT.
struct SqliteBlob {
    std::string_view bytes;
};

/// Not thread-safe, as its connection is not. It must not outlive the connection.
class SqliteStatement {
public:
    SqliteStatement() = default;
    /// `file` must outlive the statement.
    SqliteStatement(sqlite3_stmt* statement, const char* file) : statement_(statement), file_(file) {}

    /// Starts anew with these values for ?1, ?2 and so on. Text and blobs are not copied: they must live until the last
    /// step(). A value that cannot be bound makes the next step() fail.
    template <class... Values>
    SqliteStatement& bind(const Values&... values) {
        reset();
        int index = 0;
        (bind_at(++index, values), ...);
        return *this;
    }

    /// True when a row is there, false at the end. After the end or an error the statement is reset and holds no lock.
    Result<bool> step();
    /// Steps to the end, ignoring rows.
    Result<> run();
    /// Ends a read early. Also lets go of what is bound.
    void reset();

    /// Columns count from 0 and are valid until the next step().
    bool is_null(int column) const { return sqlite3_column_type(statement_.get(), column) == SQLITE_NULL; }
    std::int64_t integer(int column) const { return sqlite3_column_int64(statement_.get(), column); }
    double real(int column) const { return sqlite3_column_double(statement_.get(), column); }
    /// The bytes of TEXT or BLOB, NUL included; empty for NULL.
    std::string_view bytes(int column) const;

private:
    struct Finalize {
        void operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }
    };

    template <std::integral T>
    void bind_at(int index, T value) {
        note(sqlite3_bind_int64(statement_.get(), index, static_cast<std::int64_t>(value)));
    }
    void bind_at(int index, double value) { note(sqlite3_bind_double(statement_.get(), index, value)); }
    void bind_at(int index, std::string_view text);
    void bind_at(int index, SqliteBlob blob);
    void bind_at(int index, std::nullopt_t) { note(sqlite3_bind_null(statement_.get(), index)); }
    template <class T>
    void bind_at(int index, const std::optional<T>& value) {
        if (value) {
            bind_at(index, *value);
        } else {
            bind_at(index, std::nullopt);
        }
    }
    void note(int code) {
        if (code != SQLITE_OK) bind_code_ = code;
    }

    std::unique_ptr<sqlite3_stmt, Finalize> statement_;
    const char* file_ = "";
    int bind_code_ = SQLITE_OK;
};

}  // namespace productd
