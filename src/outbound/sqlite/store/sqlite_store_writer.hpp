// The one thread that writes to the store's file. Calls that wait at the same time are written in one transaction, so
// that they share the wait for the disk.
#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

#include "app/ports/product_store.hpp"
#include "outbound/sqlite/store/sqlite_store_file.hpp"

namespace productd {

struct SqliteStoreWriterSettings {
    std::size_t queue_max = 20'000;  ///< Products waiting, beyond which a call fails at once.
    std::chrono::milliseconds tombstone_ttl{};
    std::function<Timestamp()> now;  ///< The clock tombstones are dated by.
};

/// Counted since the start, for the metrics `productd_store_…`.
struct SqliteStoreCounts {
    std::uint64_t transactions = 0;  ///< That were committed.
    std::uint64_t products = 0;      ///< Written in them, with the refused ones.
    std::uint64_t failures = 0;      ///< Transactions that failed.
    std::size_t queued = 0;          ///< Products waiting now.
    std::int64_t wal_bytes = 0;      ///< What the WAL takes beside the file.
    std::int64_t wal_bytes_max = 0;  ///< Beyond it writes are refused. Told by SqliteProductStore.
};

class SqliteStoreWriter {
public:
    using Outcomes = std::vector<WriteOutcome>;

    SqliteStoreWriter(SqliteStoreFile file, SqliteStoreWriterSettings settings);
    /// Writes what waits, then ends.
    ~SqliteStoreWriter();

    /// Resumes once the outcome of each write is durable. Fails with resource_exhausted when the queue is full, and
    /// with deadline_exceeded, nothing written, when its turn does not come in time. One that has begun is not ended.
    Task<Outcomes> write(std::vector<ProductWrite> writes, Deadline deadline);
    /// Fails while nothing can be written. Only after a failed write is this tried anew by writing.
    Task<> check();
    SqliteStoreCounts counts() const;

private:
    struct Call {
        std::vector<ProductWrite> writes;  ///< None: only see whether writing works.
        Deadline deadline;
        Answer<Outcomes> deliver;
    };

    Task<Outcomes> submit(std::vector<ProductWrite> writes, Deadline deadline);
    bool enqueue(Call& call);
    void run();
    std::vector<Call> next_calls();
    void commit(const std::vector<Call>& calls);
    void note(const Result<Outcomes>& outcomes, std::size_t products);
    void tend_wal();
    void upkeep();
    bool purge();

    SqliteStoreFile file_;
    SqliteStoreWriterSettings settings_;

    mutable std::mutex mutex_;
    std::condition_variable wake_;
    std::deque<Call> queue_;
    SqliteStoreCounts counts_;
    bool stopping_ = false;
    std::atomic<bool> healthy_{true};

    // For the writer's thread alone.
    std::chrono::milliseconds next_upkeep_{};
    std::chrono::steady_clock::time_point last_purge_ = std::chrono::steady_clock::now();
    std::jthread thread_;
};

}  // namespace productd
