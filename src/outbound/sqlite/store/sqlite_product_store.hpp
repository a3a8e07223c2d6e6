// Products in one SQLite file of their own: one thread writes, several read, nobody waits for another's read.
#pragma once

#include <chrono>
#include <filesystem>
#include <functional>
#include <memory>
#include <mutex>
#include <vector>

#include "app/ports/product_store.hpp"
#include "outbound/sqlite/store/sqlite_store_reader.hpp"
#include "outbound/sqlite/store/sqlite_store_writer.hpp"

namespace productd {

struct SqliteStoreSettings {
    std::filesystem::path path;  ///< `store.db` in the data folder.
    std::size_t reader_threads = 2;
    std::size_t read_queue_max = 1'024;    ///< Reads waiting or running, beyond which one fails at once.
    std::size_t write_queue_max = 20'000;  ///< Products waiting to be written, beyond which a write fails at once.
    std::chrono::milliseconds tombstone_ttl = std::chrono::days(8);  ///< From when one was written, by `now`.
    std::chrono::milliseconds search_time_max{2'000};
    std::int64_t writer_cache_bytes_max = 8 << 20;  ///< Pages of the file in memory.
    std::int64_t reader_cache_bytes_max = 4 << 20;  ///< The same, of each reader.
    std::function<Timestamp()> now = [] {
        return std::chrono::floor<std::chrono::milliseconds>(std::chrono::system_clock::now());
    };
};

class SqliteProductStore : public ProductStore {
public:
    /// Opens or makes the file. Fails as SqliteDatabase::open does, and then leaves the file as it was. One process at
    /// a time may have it open: hold the lock of its folder.
    static Result<std::unique_ptr<SqliteProductStore>> open(SqliteStoreSettings settings);
    /// Writes what waits. No call may be under way.
    ~SqliteProductStore() override = default;

    Task<std::vector<Stored>> find(std::vector<ProductId> ids) override;
    Task<std::vector<WriteOutcome>> write(std::vector<ProductWrite> writes) override;
    Task<SearchPage> search(SearchQuery query) override;
    Task<> check() override;

    SqliteStoreCounts counts() const { return writer_->counts(); }

private:
    SqliteProductStore(SqliteStoreSettings settings, std::unique_ptr<StreamsInUse> in_use)
        : settings_(std::move(settings)),
          in_use_(std::move(in_use)),
          pool_("store (Store.ReaderThreads)", settings_.reader_threads, settings_.read_queue_max, "store-reader") {}

    /// Runs `read` with a reader that is free; there are as many as threads.
    template <class Read>
    auto with_reader(Read read) -> Task<typename std::invoke_result_t<Read&, SqliteStoreReader&>::value_type>;

    SqliteStoreSettings settings_;
    std::unique_ptr<StreamsInUse> in_use_;
    std::unique_ptr<SqliteStoreWriter> writer_;
    std::mutex mutex_;
    std::vector<std::unique_ptr<SqliteStoreReader>> free_readers_;
    BlockingPool pool_;  // The first to go: its threads use all of the above.
};

}  // namespace productd
