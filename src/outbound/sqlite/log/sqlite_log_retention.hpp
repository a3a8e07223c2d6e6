// Drops what the log need not keep, a little at a time, on the writer's thread.
#pragma once

#include "outbound/sqlite/log/sqlite_log_file.hpp"
#include "outbound/sqlite/log/sqlite_log_groups.hpp"
#include "outbound/sqlite/log/sqlite_log_index.hpp"
#include "outbound/sqlite/log/sqlite_log_settings.hpp"

namespace productd {

/// A message is dropped when it is older than the log keeps messages, or when the log is nearly full, and then only if
/// every consumer group that reads its topic has committed it. In a topic that nobody reads age alone counts. Kept
/// topics lose nothing here.
class SqliteLogRetention {
public:
    SqliteLogRetention(const SqliteLogSettings& settings, SqliteLogFile& file, SqliteLogIndex& index,
                       const SqliteLogGroups& groups);

    /// Drops at most some thousand messages of one partition. False when nothing more may go now.
    Result<bool> step();
    /// Whether the sources take more than nine tenths of their room.
    bool pressed() const;

private:
    struct Candidate {
        SqliteLogPartition partition;
        std::int64_t before = 0;  // Every consumer group has committed what is below.
        Timestamp written_at{};   // When its first message was.
    };

    Result<std::vector<Candidate>> candidates();
    Result<std::int64_t> expired_before(const Candidate& candidate, Timestamp limit);
    Result<bool> drop(const Candidate& candidate, std::int64_t before);
    Timestamp now() const;

    const SqliteLogSettings& settings_;
    SqliteLogFile& file_;
    SqliteLogIndex& index_;
    const SqliteLogGroups& groups_;
};

}  // namespace productd
