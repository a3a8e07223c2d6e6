// Products in one SQLite file of their own: one thread writes, several read, nobody waits for another's read.
#pragma once

#include <chrono>
#include <filesystem>
#include <functional>
#include <memory>
#include <mutex>
#include <vector>

#include "app/ports/change_feed.hpp"
#include "app/ports/product_store.hpp"
#include "outbound/sqlite/store/sqlite_store_reader.hpp"
#include "outbound/sqlite/store/sqlite_store_settings.hpp"
#include "outbound/sqlite/store/sqlite_store_writer.hpp"

namespace productd {

class SqliteProductStore : public ProductStore {
public:
    /// Opens or makes the file. Fails as SqliteDatabase::open does, and then leaves the file as it was. One process at
    /// a time may have it open: hold the lock of its folder.
    static Result<std::unique_ptr<SqliteProductStore>> open(SqliteStoreSettings settings);
    /// Writes what waits. No call may be under way.
    ~SqliteProductStore() override = default;

    Task<std::vector<Found>> find(std::vector<ProductId> ids, CallContext context) override;
    Task<std::vector<WriteOutcome>> write(std::vector<ProductWrite> writes, CallContext context) override;
    Task<SearchPage> search(SearchQuery query, CallContext context) override;
    Task<> check() override;

    std::optional<StoreMark> mark() const override { return mark_->now(); }
    /// While it is held the mark stays, whatever is written: a store that lacks something must not grow into one that
    /// seems to have it. Any thread; does not wait for a write that runs.
    void hold_mark(bool is_held) { mark_->is_held = is_held; }

    /// What is told of its changes, from connections of its own. It ends before the store does.
    std::unique_ptr<ChangeFeed> feed() const;

    SqliteStoreCounts counts() const;

private:
    SqliteProductStore(SqliteStoreSettings settings, std::unique_ptr<StreamsInUse> in_use)
        : settings_(std::move(settings)),
          in_use_(std::move(in_use)),
          pool_("store", settings_.reader_threads, settings_.read_queue_max, "store-reader"),
          check_pool_("check of the store", 1, 1, "store-check") {}

    /// Runs `read` with a reader that is free, unless `deadline` is over by then; there are as many as threads.
    template <class Read>
    auto with_reader(Deadline deadline, Read read)
        -> Task<typename std::invoke_result_t<Read&, SqliteStoreReader&>::value_type>;

    SqliteStoreSettings settings_;
    std::unique_ptr<StreamsInUse> in_use_;
    std::unique_ptr<SqliteStoreWriter> writer_;
    std::shared_ptr<SqliteStoreMark::Told> mark_;
    std::shared_ptr<SqliteStoreChanges::Told> changes_;
    std::mutex mutex_;
    std::vector<std::unique_ptr<SqliteStoreReader>> free_readers_;
    std::unique_ptr<SqliteStoreReader> check_reader_;  ///< On the thread of check_pool_.
    // The first to go: their threads use all of the above.
    BlockingPool pool_;
    BlockingPool check_pool_;
};

}  // namespace productd
