// One row. Calls SQLite through SqliteDatabase.
#include "outbound/sqlite/log/sqlite_log_mark.hpp"

#include "outbound/sqlite/log/sqlite_log_format.hpp"
#include "outbound/sqlite/sqlite_mark.hpp"

namespace productd {

namespace {

constexpr const char* the_mark = "SELECT incarnation, changes FROM store_mark";

}  // namespace

std::optional<StoreMark> read_store_mark_of_log(const std::filesystem::path& path) {
    const auto found = two_numbers(sqlite_log_file(path), the_mark);
    return found ? std::optional(StoreMark{found->first, found->second}) : std::nullopt;
}

Result<> renew_store_mark_of_log(SqliteDatabase& database, const StoreMark& mark) {
    auto renew = database.prepare("UPDATE store_mark SET incarnation = ?1, changes = ?2");
    if (!renew) return fail(std::move(renew).error());
    return renew->bind(mark.incarnation, mark.changes).run();
}

Result<SqliteLogMark> SqliteLogMark::prepare(SqliteDatabase& database) {
    SqliteLogMark mark;
    auto remember = database.prepare("INSERT OR REPLACE INTO store_mark VALUES (1, ?1, ?2)");
    if (!remember) return fail(std::move(remember).error());
    mark.remember_ = std::move(*remember);
    auto found = database.prepare(the_mark);
    if (!found) return fail(std::move(found).error());
    auto row = found->step();
    if (!row) return fail(std::move(row).error());
    if (*row) mark.remembered_ = StoreMark{found->integer(0), found->integer(1)};
    return mark;
}

Result<> SqliteLogMark::note() {
    noted_ = now_();
    if (noted_ == remembered_) return {};
    return remember_.bind(noted_->incarnation, noted_->changes).run();
}

}  // namespace productd
