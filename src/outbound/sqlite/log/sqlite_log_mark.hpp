// Which store the log's commits rest on, as it was remembered with the last of them.
#pragma once

#include <filesystem>
#include <functional>
#include <optional>

#include "app/ports/message_log.hpp"
#include "outbound/sqlite/sqlite_database.hpp"

namespace productd {

/// The store's mark in a log that another process may have open; nothing where it has none.
std::optional<StoreMark> read_store_mark_of_log(const std::filesystem::path& path);

/// Has the commits of a log that nobody has open rest on another store, if they rest on one.
Result<> renew_store_mark_of_log(SqliteDatabase& database, const StoreMark& mark);

class SqliteLogMark {
public:
    /// As the file has it.
    static Result<SqliteLogMark> prepare(SqliteDatabase& database);

    const std::optional<StoreMark>& remembered() const { return remembered_; }
    /// Whether somebody tells what the store's mark is now.
    bool is_told() const { return now_ != nullptr; }
    void rest_on(std::function<StoreMark()> now) { now_ = std::move(now); }

    /// Within a transaction: notes what the mark is now. Read here it stands behind all that the transaction's commits
    /// call finished: that was durable before anybody said so.
    Result<> note();
    /// The transaction of note() is durable.
    void committed() { remembered_ = noted_; }

private:
    SqliteStatement remember_;
    std::optional<StoreMark> remembered_, noted_;
    std::function<StoreMark()> now_;
};

}  // namespace productd
