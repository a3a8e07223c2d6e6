// The port over one writer and several readers. Calls them, reads on the threads of a pool.
#include "outbound/sqlite/store/sqlite_product_store.hpp"

#include <algorithm>

#include "outbound/sqlite/store/sqlite_change_feed.hpp"
#include "outbound/sqlite/store/sqlite_store_schema.hpp"

namespace productd {

Result<std::unique_ptr<SqliteProductStore>> SqliteProductStore::open(SqliteStoreSettings settings) {
    settings.reader_threads = std::max<std::size_t>(settings.reader_threads, 1);
    auto in_use = std::make_unique<StreamsInUse>(0);
    auto described = store_file(settings.path, settings.writer_cache_bytes_max);
    described.wal_bytes_max = settings.wal_bytes_max;
    auto file = SqliteStoreFile::open(described, *in_use, settings.search_time_max, settings.changes_max);
    if (!file) return fail(std::move(file).error());

    std::unique_ptr<SqliteProductStore> store(new SqliteProductStore(std::move(settings), std::move(in_use)));
    const auto& given = store->settings_;
    // One is for checks, which must not wait behind long searches.
    for (std::size_t i = 0; i < given.reader_threads + 1; ++i) {
        auto reader = SqliteStoreReader::open(store_file(given.path, given.reader_cache_bytes_max), *store->in_use_);
        if (!reader) return fail(std::move(reader).error());
        store->free_readers_.push_back(std::make_unique<SqliteStoreReader>(std::move(*reader)));
    }
    store->check_reader_ = std::move(store->free_readers_.back());
    store->free_readers_.pop_back();
    store->mark_ = file->mark();
    store->changes_ = file->changes();
    store->writer_ = std::make_unique<SqliteStoreWriter>(
        std::move(*file),
        SqliteStoreWriterSettings{
            .queue_max = given.write_queue_max, .tombstone_ttl = given.tombstone_ttl, .now = given.now});
    return store;
}

std::unique_ptr<ChangeFeed> SqliteProductStore::feed() const {
    return std::make_unique<SqliteChangeFeed>(store_file(settings_.path, settings_.reader_cache_bytes_max), changes_);
}

SqliteStoreCounts SqliteProductStore::counts() const {
    auto counts = writer_->counts();
    counts.wal_bytes_max = settings_.wal_bytes_max;
    return counts;
}

template <class Read>
auto SqliteProductStore::with_reader(Deadline deadline, Read read)
    -> Task<typename std::invoke_result_t<Read&, SqliteStoreReader&>::value_type> {
    using R = std::invoke_result_t<Read&, SqliteStoreReader&>;
    auto call = [this, deadline, read = std::move(read)]() mutable -> R {
        if (std::chrono::steady_clock::now() >= deadline) return fail(time_is_over());
        std::unique_lock lock(mutex_);
        auto reader = std::move(free_readers_.back());
        free_readers_.pop_back();
        lock.unlock();
        auto result = read(*reader);
        lock.lock();
        free_readers_.push_back(std::move(reader));
        return result;
    };
    co_return co_await offload(pool_, std::move(call));
}

Task<std::vector<Found>> SqliteProductStore::find(std::vector<ProductId> ids, CallContext context) {
    auto read = [ids = std::move(ids)](SqliteStoreReader& reader) { return reader.find(ids); };
    co_return co_await with_reader(context.deadline, std::move(read));
}

Task<std::vector<WriteOutcome>> SqliteProductStore::write(std::vector<ProductWrite> writes, CallContext context) {
    co_return co_await writer_->write(std::move(writes), context.deadline);
}

Task<SearchPage> SqliteProductStore::search(SearchQuery query, CallContext context) {
    auto read = [query = std::move(query), time_max = settings_.search_time_max,
                 deadline = context.deadline](SqliteStoreReader& reader) {
        const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - std::chrono::steady_clock::now());
        return reader.search(query, std::min(time_max, left));
    };
    co_return co_await with_reader(context.deadline, std::move(read));
}

Task<> SqliteProductStore::check() {
    auto read = [&reader = *check_reader_] { return reader.check(); };
    auto readable = co_await offload(check_pool_, std::move(read));
    if (!readable) co_return fail(std::move(readable).error());
    co_return co_await writer_->check();
}

}  // namespace productd
