// A connection that reads the store's file. For one thread at a time; each call sees one state of the file.
#pragma once

#include <chrono>

#include "app/ports/product_store.hpp"
#include "outbound/sqlite/sqlite_database.hpp"
#include "outbound/sqlite/store/sqlite_search.hpp"
#include "outbound/sqlite/store/sqlite_store_lanes.hpp"

namespace productd {

class SqliteStoreReader {
public:
    /// The file must be open for writing. `in_use` must outlive the reader.
    static Result<SqliteStoreReader> open(const SqliteFile& file, const StreamsInUse& in_use);

    Result<std::vector<Found>> find(const std::vector<ProductId>& ids);
    /// Fails with deadline_exceeded when it takes longer than `time_max`.
    Result<SearchPage> search(const SearchQuery& query, std::chrono::milliseconds time_max);
    /// Fails when the file cannot be read.
    Result<> check();

private:
    SqliteStoreReader(SqliteDatabase database, SqliteSearch search, const StreamsInUse& in_use)
        : database_(std::move(database)), search_(std::move(search)), in_use_(&in_use) {}
    Result<> prepare();
    Result<SearchPage> search_text(const SearchQuery& query);
    Result<SearchPage> search_all(const SearchQuery& query);
    static Result<> append(SqliteStatement& rows, std::vector<Product>& products);

    SqliteDatabase database_;
    SqliteSearch search_;
    const StreamsInUse* in_use_;
    SqliteStatement find_, at_, all_, count_all_;
};

}  // namespace productd
