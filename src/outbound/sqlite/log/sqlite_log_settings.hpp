// What the embedded event log is configured with (where it is, how much it may hold, how long) and what it counts.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "app/events/topics.hpp"
#include "app/ports/engine_defaults.hpp"
#include "domain/product.hpp"

namespace productd {

/// A topic whose messages stay until trim(), with room of its own: neither age nor size drops any of them, and they
/// still fit when the other topics are at their limit.
struct SqliteLogKeptTopic {
    std::string topic;
    std::int64_t bytes_max = 0;  ///< Beyond it writes to this topic are refused. (Log.DeadLetterReserve)
};

/// Those of the contract, each with the reserve of its row.
inline std::vector<SqliteLogKeptTopic> kept_topics_of_contract() {
    std::vector<SqliteLogKeptTopic> kept;
    for (const auto& row : topic_table) {
        if (row.reserve > 0) kept.push_back({TopicNames{}.*row.name, row.reserve});
    }
    return kept;
}

struct SqliteLogSettings {
    std::filesystem::path path;  ///< The file, `log.db`. Its folder exists and belongs to this process (DataDirectory).

    /// What all topics but the kept ones may take, as pages of the file in use and what its WAL takes beside it. Above
    /// nine tenths (without the WAL) the oldest messages that every consumer group has committed are dropped; at the
    /// limit writes are refused. (Log.BytesMax)
    std::int64_t log_bytes_max = std::int64_t{4} << 30;
    std::chrono::milliseconds age_max = defaults::retention;  ///< Since it was written. (Log.Retention)
    std::vector<SqliteLogKeptTopic> kept_topics = kept_topics_of_contract();
    /// Consumer groups whose uncommitted messages are never dropped; empty: every group that ever subscribed.
    std::vector<std::string> guard_groups;

    /// Key, value and headers (32 bytes more for each) of one message; three times as much in kept topics, so that the
    /// dead letter of any message fits. (Log.MessageBytesMax)
    std::int64_t record_bytes_max = std::int64_t{4} << 20;
    std::size_t queue_records_max = 16'384;                 ///< Waiting to be written.
    std::int64_t queue_bytes_max = std::int64_t{16} << 20;  ///< Waiting to be written.
    std::int64_t tail_bytes_max = std::int64_t{4} << 20;    ///< Latest messages kept in memory for subscribers.
    std::int64_t fetch_bytes_max = std::int64_t{4} << 20;   ///< One delivery; a larger message comes alone.

    std::chrono::milliseconds commit_delay{50};            ///< A commit is written by then, with or without messages.
    std::chrono::milliseconds retention_interval{10'000};  ///< Between two looks for what may go.
    std::function<Timestamp()> now;                        ///< For ages; empty: the system's clock.

    /// Of the contract's topic of dead letters, which is one of the kept.
    std::int64_t& dead_letter_reserve() {
        return std::ranges::find(kept_topics, TopicNames{}.dead_letters, &SqliteLogKeptTopic::topic)->bytes_max;
    }
};

/// Counted since the log was opened, for the metrics `productd_log_…`.
struct SqliteLogCounts {
    std::uint64_t transactions = 0;         ///< That wrote messages.
    std::uint64_t records = 0;              ///< Written.
    std::uint64_t failures = 0;             ///< Transactions that failed.
    std::chrono::nanoseconds write_time{};  ///< Spent in transactions and their syncs.
    std::size_t queued = 0;                 ///< Records waiting now.
    std::int64_t source_bytes = 0;          ///< What file and WAL use now, without the kept topics.
    std::int64_t source_bytes_max = 0;      ///< Beyond it writes are refused.
    std::int64_t wal_bytes = 0;             ///< What the WAL uses of it.
};

}  // namespace productd
