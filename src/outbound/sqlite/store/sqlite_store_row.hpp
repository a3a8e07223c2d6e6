// How products and tombstones lie in the rows of the store's file.
#pragma once

#include <string>
#include <string_view>

#include "domain/decide.hpp"
#include "outbound/sqlite/sqlite_statement.hpp"

namespace productd {

/// The columns that stored_in() and product_in() read, in their order.
inline constexpr const char* product_columns =
    "id, version, created_at, updated_at, buried_at, category_id, name, description, price, image_url, photos, "
    "quantity, rating, history";

/// The row a statement stands on. Fails with data_loss when a blob is not what it should be, and with
/// unavailable when a later release wrote it.
Result<Stored> stored_in(const SqliteStatement& row);
/// The same for a row that is a product, without its history.
Result<Product> product_in(const SqliteStatement& row);

/// SQLite's data_loss where it met a damaged page at one row. A product's own bytes were not read, so nothing is known
/// of them, and a backup brings them back: it may be had another time.
Error of_damaged_page(Error error);

inline std::string_view blob_of(const auto& id) {
    return {reinterpret_cast<const char*>(id.bytes().data()), id.bytes().size()};
}
inline std::int64_t milliseconds_of(Timestamp time) { return time.time_since_epoch().count(); }

// Blobs. Numbers are LEB128 (https://en.wikipedia.org/wiki/LEB128), signed ones zigzag; a text is its length and bytes.

/// The number of photos, then each as a text. Nothing for none.
std::string encode_photos(const std::vector<std::string>& photos);
/// A byte for the format (1), a byte that is 1 when a digest follows, its 32 bytes, the number of fences, and of each
/// topic, partition, offset and read_up_to (milliseconds). Nothing for an empty history.
std::string encode_history(const History& history);

Result<std::vector<std::string>> decode_photos(std::string_view blob);
Result<History> decode_history(std::string_view blob);

}  // namespace productd
