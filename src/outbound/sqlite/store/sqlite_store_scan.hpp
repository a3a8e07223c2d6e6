// All that a store's file has, read from one end to the other, for who moves it somewhere else.
#pragma once

#include <filesystem>
#include <optional>
#include <utility>
#include <vector>

#include "app/ports/product_store.hpp"
#include "outbound/sqlite/sqlite_database.hpp"

namespace productd {

class SqliteStoreScan {
public:
    /// The state of now, for as long as it lives; changes nothing. Fails as `open`, which is
    /// SqliteDatabase::open_unchanged or open_still.
    static Result<SqliteStoreScan> open(const std::filesystem::path& path, SqliteDatabase::Opener open);

    /// Products and tombstones together.
    Result<std::int64_t> count();
    /// Up to `max` of them behind `after` (nothing: from the first on), by id, fewer if they are large. Empty at the
    /// end.
    Result<std::vector<std::pair<ProductId, Found>>> page(const std::optional<ProductId>& after, std::size_t max);
    Result<Found> find(const ProductId& id);

private:
    explicit SqliteStoreScan(SqliteDatabase database) : database_(std::move(database)) {}

    SqliteDatabase database_;
    SqliteStatement page_, find_;
};

}  // namespace productd
