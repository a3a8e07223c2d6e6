// The schema of the store's file, a migration a step, with the tokenizer of its search indexes.
#include "outbound/sqlite/store/sqlite_store_schema.hpp"

#include "outbound/sqlite/store/sqlite_search_grams.hpp"

namespace productd {

namespace {

// A row is a product, or the tombstone of one: then `position` is negative and grows with `buried_at`, when the writer
// wrote it; `updated_at` is the time of the deletion; `created_at` stays, so that a list can go on behind it; the
// content is gone. Times are milliseconds since 1970. Blobs: sqlite_store_row.hpp. Positions: sqlite_store_lanes.hpp.
//
// The search indexes (sqlite_search_grams.hpp) know texts by position and hold none themselves. `search_shorts` leaves
// out places inside of texts (detail=none), both leave out lengths (columnsize=0).
constexpr const char* version_1 = R"sql(
CREATE TABLE products (
    position INTEGER PRIMARY KEY,
    id BLOB NOT NULL,
    version INTEGER NOT NULL,
    created_at INTEGER,
    updated_at INTEGER NOT NULL,
    buried_at INTEGER,
    category_id BLOB,
    name TEXT,
    description TEXT,
    price REAL,
    image_url TEXT,
    photos BLOB,
    quantity INTEGER,
    rating INTEGER,
    history BLOB
) STRICT;
CREATE UNIQUE INDEX products_by_id ON products(id);
CREATE INDEX products_by_age ON products(created_at DESC, id) WHERE buried_at IS NULL;
CREATE VIRTUAL TABLE search_shorts USING fts5(
    text, content = '', detail = none, columnsize = 0, tokenize = 'productd_grams shorts');
CREATE VIRTUAL TABLE search_runs USING fts5(
    text, content = '', columnsize = 0, tokenize = 'productd_grams runs');
INSERT INTO search_shorts(search_shorts, rank) VALUES ('hashsize', 4194304), ('automerge', 8), ('usermerge', 2);
INSERT INTO search_runs(search_runs, rank) VALUES ('hashsize', 8388608), ('automerge', 8), ('usermerge', 2);
CREATE TABLE probe (id INTEGER PRIMARY KEY, filler BLOB) STRICT;
)sql";

// Which file this is, and how many transactions changed products in it: what depends on the store remembers both.
constexpr const char* version_2 = R"sql(
CREATE TABLE mark (incarnation INTEGER NOT NULL, changes INTEGER NOT NULL) STRICT;
INSERT INTO mark VALUES (random(), 0);
)sql";

// Each change of a product in its order, and in the product's row the number of the last one. What was stored before
// has number 0, which no change has.
constexpr const char* version_3 = R"sql(
CREATE TABLE changes (number INTEGER PRIMARY KEY, id BLOB NOT NULL) STRICT;
ALTER TABLE products ADD COLUMN change INTEGER NOT NULL DEFAULT 0;
)sql";

}  // namespace

SqliteFile store_file(const std::filesystem::path& path, std::int64_t page_cache_bytes_max) {
    return {.path = path,
            .application_id = 0x70647331,  // "pds1"
            .migrations = {version_1, version_2, version_3},
            .page_cache_bytes_max = page_cache_bytes_max,
            .extend = add_gram_tokenizer};
}

}  // namespace productd
