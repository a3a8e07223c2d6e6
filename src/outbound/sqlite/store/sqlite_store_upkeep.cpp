// The small works of the writer, each in steps that hold up nobody. Calls SQLite and the search index.
#include "outbound/sqlite/store/sqlite_store_upkeep.hpp"

#include "outbound/sqlite/store/sqlite_store_row.hpp"

namespace productd {

namespace {

constexpr std::int64_t purge_rows_max = 256;
constexpr std::int64_t merge_pages = 16;  // A few milliseconds of work on each index.

}  // namespace

Result<SqliteStoreUpkeep> SqliteStoreUpkeep::prepare(SqliteDatabase& database) {
    SqliteStoreUpkeep upkeep;
    for (auto [statement, sql] : {
             std::pair{&upkeep.purge_,
                       "DELETE FROM products WHERE position IN (SELECT position FROM (SELECT position, buried_at FROM "
                       "products WHERE position < 0 ORDER BY position LIMIT ?2) WHERE buried_at <= ?1)"},
             std::pair{&upkeep.probe_, "INSERT OR REPLACE INTO probe VALUES (1, zeroblob(262144))"},
         }) {
        auto prepared = database.prepare(sql);
        if (!prepared) return fail(std::move(prepared).error());
        *statement = std::move(*prepared);
    }
    return upkeep;
}

Result<bool> SqliteStoreUpkeep::purge(SqliteDatabase& database, Timestamp before) {
    auto transaction = SqliteTransaction::begin(database);
    if (!transaction) return fail(std::move(transaction).error());
    if (auto purged = purge_.bind(milliseconds_of(before), purge_rows_max).run(); !purged) {
        return fail(std::move(purged).error());
    }
    const bool more = database.changes() == purge_rows_max;
    if (auto committed = transaction->commit(); !committed) return fail(std::move(committed).error());
    return more;
}

Result<bool> SqliteStoreUpkeep::merge(SqliteDatabase& database, SqliteSearchIndex& index) {
    auto transaction = SqliteTransaction::begin(database);
    if (!transaction) return fail(std::move(transaction).error());
    auto more = index.merge(database, merge_pages);
    if (!more) return more;
    if (auto committed = transaction->commit(); !committed) return fail(std::move(committed).error());
    return more;
}

Result<> SqliteStoreUpkeep::probe(SqliteDatabase& database) {
    auto transaction = SqliteTransaction::begin(database);
    if (!transaction) return fail(std::move(transaction).error());
    if (auto written = probe_.run(); !written) return written;
    if (auto committed = transaction->commit(); !committed) return committed;
    return database.execute("DELETE FROM probe");  // By itself: pages freed where they were made are never written.
}

}  // namespace productd
