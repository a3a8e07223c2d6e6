// The mark of the store's file: grows in the transaction of each change, and is told once that is durable.
#pragma once

#include <atomic>
#include <filesystem>
#include <memory>
#include <optional>

#include "app/ports/store_mark.hpp"
#include "outbound/sqlite/sqlite_database.hpp"

namespace productd {

/// For the writer's thread, but for what told() gives.
class SqliteStoreMark {
public:
    /// What is durable, for all threads.
    struct Told {
        std::int64_t incarnation = 0;
        std::atomic<std::int64_t> changes{0};
        std::atomic<bool> is_held{false};  ///< Anybody's: transactions are not counted meanwhile.
        StoreMark now() const { return {incarnation, changes.load(std::memory_order_acquire)}; }
    };

    static Result<SqliteStoreMark> prepare(SqliteDatabase& database);

    /// Within a transaction.
    Result<> grow() {
        grows_ = !told_->is_held;
        return grows_ ? grow_.bind(next()).run() : Result<>{};
    }
    /// Behind its commit.
    void committed() {
        if (grows_) told_->changes.store(next(), std::memory_order_release);
    }
    std::shared_ptr<Told> told() const { return told_; }

private:
    std::int64_t next() const { return told_->changes.load(std::memory_order_relaxed) + 1; }

    std::shared_ptr<Told> told_ = std::make_shared<Told>();
    SqliteStatement grow_;
    bool grows_ = true;  ///< In the transaction that runs.
};

/// Makes the file, which nobody has open, another one: what it is given from here on no other file of its past has. The
/// changes go on: that there were any tells later that a log which never heard of them is not theirs.
Result<StoreMark> renew_store_mark(SqliteDatabase& database);

/// The mark of a file that another process may have open; nothing where there is no file, or none with a mark.
std::optional<StoreMark> read_store_mark(const std::filesystem::path& path);

}  // namespace productd
