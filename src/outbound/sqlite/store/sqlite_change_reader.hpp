// A connection that reads changes, and snapshots, from the store's file. For one thread at a time.
#pragma once

#include "app/ports/change_feed.hpp"
#include "outbound/sqlite/sqlite_database.hpp"
#include "outbound/sqlite/store/sqlite_feed_position.hpp"

namespace productd {

class SqliteChangeReader {
public:
    /// The file must be open for writing.
    static Result<SqliteChangeReader> open(const SqliteFile& file);

    /// The first page of a snapshot.
    Result<FeedPage> begin(std::int64_t incarnation, FeedBounds most);
    /// As ChangeFeed::changes without waiting. `after` is of this file's incarnation.
    Result<FeedPage> read(const SqliteFeedPosition& after, FeedBounds most);

private:
    explicit SqliteChangeReader(SqliteDatabase database) : database_(std::move(database)) {}

    struct Kept {
        std::int64_t first = 0;
        std::int64_t last = 0;
    };
    Result<Kept> kept();
    Result<FeedPage> changes(SqliteFeedPosition after, FeedBounds most);
    Result<FeedPage> snapshot(SqliteFeedPosition after, FeedBounds most);
    Result<std::optional<ProductChange>> change(std::int64_t number, std::string_view id);

    SqliteDatabase database_;
    SqliteStatement kept_, numbers_, at_, by_id_;
};

}  // namespace productd
