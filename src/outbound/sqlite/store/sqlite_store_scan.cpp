// Calls SQLite.
#include "outbound/sqlite/store/sqlite_store_scan.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "outbound/sqlite/store/sqlite_store_row.hpp"
#include "outbound/sqlite/store/sqlite_store_schema.hpp"

namespace productd {

namespace {

constexpr std::int64_t page_bytes_max = 8 << 20;

/// Of the columns that have no bound of their own.
std::int64_t bytes_of_product(const SqliteStatement& row) {
    std::int64_t bytes = 0;
    for (const int column : {6, 7, 9, 10, 13}) bytes += std::ssize(row.bytes(column));
    return bytes;
}

}  // namespace

Result<SqliteStoreScan> SqliteStoreScan::open(const std::filesystem::path& path, SqliteDatabase::Opener open) {
    auto database = open(store_file(path, page_bytes_max));
    if (!database) return fail(std::move(database).error());
    SqliteStoreScan scan(std::move(*database));
    for (const auto& [statement, sql] :
         {std::pair{&scan.page_, "SELECT {} FROM products WHERE id > ?1 ORDER BY id LIMIT ?2"},
          std::pair{&scan.find_, "SELECT {} FROM products WHERE id = ?1"}}) {
        auto prepared = scan.database_.prepare(fmt::format(fmt::runtime(sql), product_columns));
        if (!prepared) return fail(std::move(prepared).error());
        *statement = std::move(*prepared);
    }
    if (auto begun = scan.database_.execute("BEGIN"); !begun) return fail(std::move(begun).error());
    return scan;
}

Result<std::int64_t> SqliteStoreScan::count() { return database_.number("SELECT count(*) FROM products"); }

Result<std::vector<std::pair<ProductId, Found>>> SqliteStoreScan::page(const std::optional<ProductId>& after,
                                                                       std::size_t max) {
    page_.bind(SqliteBlob{after ? blob_of(*after) : std::string_view()}, static_cast<std::int64_t>(max));
    std::vector<std::pair<ProductId, Found>> found;
    for (std::int64_t bytes = 0; bytes < page_bytes_max; bytes += bytes_of_product(page_)) {
        auto row = page_.step();
        if (!row) return fail(std::move(row).error());
        if (!*row) return found;
        const auto id = page_.bytes(0);
        ProductId::Bytes bytes_of_id{};
        if (id.size() != bytes_of_id.size()) return fail(Errc::data_loss, "The store has a row without an id.");
        std::ranges::copy(id, reinterpret_cast<char*>(bytes_of_id.data()));
        found.emplace_back(ProductId(bytes_of_id), stored_in(page_));
    }
    page_.reset();
    return found;
}

Result<Found> SqliteStoreScan::find(const ProductId& id) {
    auto row = find_.bind(SqliteBlob{blob_of(id)}).step();
    if (!row) return fail(std::move(row).error());
    Found found = *row ? stored_in(find_) : Found(Nothing{});
    find_.reset();
    return found;
}

}  // namespace productd
