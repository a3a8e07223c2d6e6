// What the embedded store can be told.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>

#include "app/ports/engine_defaults.hpp"
#include "domain/product.hpp"

namespace productd {

struct SqliteStoreSettings {
    std::filesystem::path path;  ///< `store.db` in the data folder.
    std::size_t reader_threads = 2;
    std::size_t read_queue_max = 1'024;    ///< Reads waiting or running, beyond which one fails at once.
    std::size_t write_queue_max = 20'000;  ///< Products waiting to be written, beyond which a write fails at once.
    std::chrono::milliseconds tombstone_ttl = defaults::tombstone_ttl;  ///< From when one was written, by `now`.
    std::chrono::milliseconds search_time_max = defaults::search_time_max;
    /// Of the WAL beside the file, beyond which writes are refused; it is emptied above a quarter. (Store.WalBytesMax)
    std::int64_t wal_bytes_max = 256 << 20;
    std::int64_t writer_cache_bytes_max = 8 << 20;     ///< Pages of the file in memory.
    std::int64_t reader_cache_bytes_max = 4 << 20;     ///< The same, of each reader.
    std::int64_t changes_max = defaults::changes_max;  ///< Kept for who follows them, beyond which the oldest go.
    std::function<Timestamp()> now = [] {
        return std::chrono::floor<std::chrono::milliseconds>(std::chrono::system_clock::now());
    };
};

}  // namespace productd
