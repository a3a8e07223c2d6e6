// Consumer groups of the embedded log: who is a member, what it reads, how far it is. For all threads.
#pragma once

#include <map>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "outbound/sqlite/log/sqlite_log_file.hpp"

namespace productd {

class SqliteLogGroups {
public:
    /// What the file knows, at the start.
    void load(std::vector<SqliteLogCommit> commits, std::vector<std::pair<std::string, std::string>> readers);

    bool join(const std::string& group);  ///< False when the group has a member.
    void leave(const std::string& group);

    /// Whether the file knows already that `group` reads `topic`.
    bool reads(const std::string& group, const std::string& topic) const;
    void add_reader(const std::string& group, const std::string& topic);

    /// Notes the offset that a group commits. True when nothing was unwritten before.
    bool commit(SqliteLogCommit commit);
    std::optional<Commit> committed(const std::string& group, std::int32_t partition_id) const;
    /// By partition id.
    std::vector<std::pair<std::int32_t, Commit>> committed(const std::string& group) const;

    /// The commits that the file does not have yet. Give them back when they could not be written.
    std::vector<SqliteLogCommit> take_unwritten();
    void give_back(const std::vector<SqliteLogCommit>& commits);

    /// The lowest offset committed by a group that reads `topic`: `begin` while one has no commit, nothing when no
    /// group reads it. Groups that are not in `guards` do not count, unless that is empty.
    std::optional<std::int64_t> lowest_commit(const std::string& topic, std::int32_t partition_id, std::int64_t begin,
                                              const std::vector<std::string>& guards) const;

private:
    using Place = std::pair<std::string, std::int32_t>;  // Consumer group and partition.

    mutable std::mutex mutex_;
    std::set<std::string> members_;
    std::map<std::string, std::set<std::string>> readers_;  // Groups by topic.
    std::map<Place, Commit> commits_;
    std::set<Place> unwritten_;
};

}  // namespace productd
