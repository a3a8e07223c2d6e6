// One row of the store's file. Calls SqliteDatabase.
#include "outbound/sqlite/store/sqlite_store_mark.hpp"

#include "outbound/sqlite/sqlite_mark.hpp"
#include "outbound/sqlite/store/sqlite_store_schema.hpp"

namespace productd {

Result<SqliteStoreMark> SqliteStoreMark::prepare(SqliteDatabase& database) {
    SqliteStoreMark mark;
    auto incarnation = database.number("SELECT incarnation FROM mark");
    if (!incarnation) return fail(std::move(incarnation).error());
    auto changes = database.number("SELECT changes FROM mark");
    if (!changes) return fail(std::move(changes).error());
    mark.told_->incarnation = *incarnation;
    mark.told_->changes = *changes;
    auto grow = database.prepare("UPDATE mark SET changes = ?1");
    if (!grow) return fail(std::move(grow).error());
    mark.grow_ = std::move(*grow);
    return mark;
}

Result<StoreMark> renew_store_mark(SqliteDatabase& database) {
    auto incarnation = database.number("UPDATE mark SET incarnation = random() RETURNING incarnation");
    if (!incarnation) return fail(std::move(incarnation).error());
    auto changes = database.number("SELECT changes FROM mark");
    if (!changes) return fail(std::move(changes).error());
    return StoreMark{*incarnation, *changes};
}

std::optional<StoreMark> read_store_mark(const std::filesystem::path& path) {
    const auto found = two_numbers(store_file(path, 1 << 20), "SELECT incarnation, changes FROM mark");
    return found ? std::optional(StoreMark{found->first, found->second}) : std::nullopt;
}

}  // namespace productd
