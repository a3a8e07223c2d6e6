// The feed of a store's file: its changes by number, read beside the writer.
#pragma once

#include <memory>
#include <mutex>
#include <vector>

#include "app/ports/change_feed.hpp"
#include "async/async.hpp"
#include "outbound/sqlite/store/sqlite_change_reader.hpp"
#include "outbound/sqlite/store/sqlite_store_changes.hpp"

namespace productd {

class SqliteChangeFeed : public ChangeFeed {
public:
    /// The file must be open for writing for as long as this lives; opens it only once it is asked.
    SqliteChangeFeed(SqliteFile file, std::shared_ptr<SqliteStoreChanges::Told> told);
    /// Ends the wait of who waits.
    ~SqliteChangeFeed() override;

    Task<FeedPage> changes(std::optional<FeedPosition> after, FeedBounds most, Deadline wait_until,
                           CallContext context) override;

private:
    Result<FeedPage> read(const std::optional<SqliteFeedPosition>& after, FeedBounds most, Deadline wait_until);
    Result<std::unique_ptr<SqliteChangeReader>> take_reader();

    SqliteFile file_;
    std::shared_ptr<SqliteStoreChanges::Told> told_;
    std::mutex mutex_;
    std::vector<std::unique_ptr<SqliteChangeReader>> free_readers_;
    BlockingPool pool_;  ///< One thread for who waits, one for who is behind.
};

}  // namespace productd
