// What the writer does to the store's file. Every call is one transaction, durable once it returns; on failure nothing
// of it is stored. For one thread.
#pragma once

#include <vector>

#include "app/ports/engine_defaults.hpp"
#include "app/ports/product_store.hpp"
#include "outbound/sqlite/sqlite_wal.hpp"
#include "outbound/sqlite/store/sqlite_search_index.hpp"
#include "outbound/sqlite/store/sqlite_store_changes.hpp"
#include "outbound/sqlite/store/sqlite_store_lanes.hpp"
#include "outbound/sqlite/store/sqlite_store_mark.hpp"
#include "outbound/sqlite/store/sqlite_store_upkeep.hpp"

namespace productd {

class SqliteStoreFile {
public:
    /// As SqliteDatabase::open. `in_use` is told before products come into a stream that had none.
    /// `read_time_max`: as SqliteWal says. `changes_max`: as SqliteStoreChanges says.
    static Result<SqliteStoreFile> open(const SqliteFile& file, StreamsInUse& in_use,
                                        std::chrono::milliseconds read_time_max = defaults::search_time_max,
                                        std::int64_t changes_max = defaults::changes_max);

    /// An outcome for each write. Two of one product are made one after the other, in any order. Fails as a whole when
    /// nothing can be written; an error that one write alone meets is its outcome.
    Result<std::vector<WriteOutcome>> write(const std::vector<const ProductWrite*>& writes, Timestamp now);
    // As SqliteStoreUpkeep says.
    Result<bool> purge(Timestamp before) { return upkeep_.purge(database_, before); }
    Result<bool> merge() { return SqliteStoreUpkeep::merge(database_, index_); }
    Result<> probe();
    void checkpoint() { database_.checkpoint(); }
    /// As SqliteWal says; returns its size.
    std::int64_t tend_wal() { return wal_.tend(database_), wal_.bytes(); }
    std::shared_ptr<SqliteStoreMark::Told> mark() const { return mark_.told(); }
    std::shared_ptr<SqliteStoreChanges::Told> changes() const { return changes_.told(); }

private:
    struct Found;

    SqliteStoreFile(SqliteDatabase database, SqliteWal wal, SqliteSearchIndex index, SqliteStoreUpkeep upkeep,
                    SqliteStoreLanes lanes, SqliteStoreMark mark, SqliteStoreChanges changes, StreamsInUse& in_use)
        : database_(std::move(database)),
          wal_(std::move(wal)),
          index_(std::move(index)),
          upkeep_(std::move(upkeep)),
          lanes_(lanes),
          mark_(std::move(mark)),
          changes_(std::move(changes)),
          in_use_(&in_use) {}
    Result<> prepare();

    Result<bool> attempt(const std::vector<const ProductWrite*>& writes, Timestamp now,
                         std::vector<WriteOutcome>& outcomes, std::vector<bool>& failed);
    Result<WriteOutcome> apply(const ProductWrite& write, Timestamp now);
    Result<WriteOutcome> store(const StoredProduct& next, const std::optional<Found>& found);
    Result<WriteOutcome> bury(const Tombstone& next, const std::optional<Found>& found, Timestamp now);
    Result<> remove(const std::optional<Found>& found);
    Result<std::optional<Found>> find(const ProductId& id);
    Result<std::optional<std::int64_t>> place(Timestamp created_at);

    SqliteDatabase database_;
    SqliteWal wal_;
    SqliteSearchIndex index_;
    SqliteStoreUpkeep upkeep_;
    SqliteStoreLanes lanes_;
    SqliteStoreMark mark_;
    SqliteStoreChanges changes_;
    StreamsInUse* in_use_;
    std::int64_t last_grave_ = 0;  // The highest position of a tombstone, ever growing.
    SqliteStatement find_, insert_, update_, remove_, bury_, last_in_;
};

}  // namespace productd
