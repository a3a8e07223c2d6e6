// What the store's writer does between the writes of others: old tombstones go, the search index is put in order, and a
// disk that was full is tried again. Each call is one small transaction.
#pragma once

#include "domain/product.hpp"
#include "outbound/sqlite/sqlite_database.hpp"
#include "outbound/sqlite/store/sqlite_search_index.hpp"

namespace productd {

/// For the connection it was prepared for, and its one thread.
class SqliteStoreUpkeep {
public:
    static Result<SqliteStoreUpkeep> prepare(SqliteDatabase& database);

    /// Removes some of the tombstones written before `before`. True when there may be more.
    Result<bool> purge(SqliteDatabase& database, Timestamp before);
    /// Joins segments of the search index, a few milliseconds of work. True when there is more to do.
    static Result<bool> merge(SqliteDatabase& database, SqliteSearchIndex& index);
    /// Writes as much as a large product takes, to see whether that works again.
    Result<> probe(SqliteDatabase& database);

private:
    SqliteStatement purge_, probe_;
};

}  // namespace productd
