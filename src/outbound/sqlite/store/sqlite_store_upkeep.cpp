// What the store's writer does between the writes of others. Calls SQLite and the search index.
#include "outbound/sqlite/store/sqlite_store_file.hpp"
#include "outbound/sqlite/store/sqlite_store_row.hpp"

namespace productd {

namespace {

constexpr std::int64_t purge_rows_max = 256;
constexpr std::int64_t merge_pages = 16;  // Of each index: a few milliseconds.

}  // namespace

Result<bool> SqliteStoreFile::purge(Timestamp before) {
    auto transaction = SqliteTransaction::begin(database_);
    if (!transaction) return fail(std::move(transaction).error());
    if (auto purged = purge_.bind(milliseconds_of(before), purge_rows_max).run(); !purged) {
        return fail(std::move(purged).error());
    }
    const bool more = database_.changes() == purge_rows_max;
    if (auto committed = transaction->commit(); !committed) return fail(std::move(committed).error());
    return more;
}

Result<bool> SqliteStoreFile::merge() {
    auto transaction = SqliteTransaction::begin(database_);
    if (!transaction) return fail(std::move(transaction).error());
    auto more = index_.merge(database_, merge_pages);
    if (!more) return more;
    if (auto committed = transaction->commit(); !committed) return fail(std::move(committed).error());
    return more;
}

Result<> SqliteStoreFile::probe() {
    auto transaction = SqliteTransaction::begin(database_);
    if (!transaction) return fail(std::move(transaction).error());
    if (auto written = probe_.run(); !written) return written;
    if (auto committed = transaction->commit(); !committed) return committed;
    return database_.execute("DELETE FROM probe");  // By itself: pages freed where they were made are never written.
}

}  // namespace productd
