// Membership, readers and commits in memory. Calls nothing.
#include "outbound/sqlite/log/sqlite_log_groups.hpp"

#include <algorithm>

namespace productd {

void SqliteLogGroups::load(std::vector<SqliteLogCommit> commits,
                           std::vector<std::pair<std::string, std::string>> readers) {
    const std::scoped_lock lock(mutex_);
    for (auto& [group, partition_id, commit] : commits) commits_[{group, partition_id}] = std::move(commit);
    for (auto& [group, topic] : readers) readers_[topic].insert(std::move(group));
}

bool SqliteLogGroups::join(const std::string& group) {
    const std::scoped_lock lock(mutex_);
    return members_.insert(group).second;
}

void SqliteLogGroups::leave(const std::string& group) {
    const std::scoped_lock lock(mutex_);
    members_.erase(group);
}

bool SqliteLogGroups::reads(const std::string& group, const std::string& topic) const {
    const std::scoped_lock lock(mutex_);
    const auto found = readers_.find(topic);
    return found != readers_.end() && found->second.contains(group);
}

void SqliteLogGroups::add_reader(const std::string& group, const std::string& topic) {
    const std::scoped_lock lock(mutex_);
    readers_[topic].insert(group);
}

bool SqliteLogGroups::commit(SqliteLogCommit commit) {
    const std::scoped_lock lock(mutex_);
    Place place{std::move(commit.group), commit.partition_id};
    commits_[place] = std::move(commit.commit);
    const bool first = unwritten_.empty();
    unwritten_.insert(std::move(place));
    return first;
}

std::optional<Commit> SqliteLogGroups::committed(const std::string& group, std::int32_t partition_id) const {
    const std::scoped_lock lock(mutex_);
    const auto found = commits_.find({group, partition_id});
    return found == commits_.end() ? std::nullopt : std::optional(found->second);
}

std::vector<std::pair<std::int32_t, Commit>> SqliteLogGroups::committed(const std::string& group) const {
    const std::scoped_lock lock(mutex_);
    std::vector<std::pair<std::int32_t, Commit>> found;
    for (auto at = commits_.lower_bound({group, 0}); at != commits_.end() && at->first.first == group; ++at) {
        found.emplace_back(at->first.second, at->second);
    }
    return found;
}

std::vector<SqliteLogCommit> SqliteLogGroups::take_unwritten() {
    const std::scoped_lock lock(mutex_);
    std::vector<SqliteLogCommit> taken;
    taken.reserve(unwritten_.size());
    for (const auto& place : unwritten_) taken.push_back({place.first, place.second, commits_.at(place)});
    unwritten_.clear();
    return taken;
}

void SqliteLogGroups::give_back(const std::vector<SqliteLogCommit>& commits) {
    const std::scoped_lock lock(mutex_);
    for (const auto& commit : commits) unwritten_.insert({commit.group, commit.partition_id});
}

std::optional<std::int64_t> SqliteLogGroups::lowest_commit(const std::string& topic, std::int32_t partition_id,
                                                           std::int64_t begin,
                                                           const std::vector<std::string>& guards) const {
    const std::scoped_lock lock(mutex_);
    const auto groups = readers_.find(topic);
    if (groups == readers_.end()) return std::nullopt;
    std::optional<std::int64_t> lowest;
    for (const auto& group : groups->second) {
        if (!guards.empty() && std::ranges::find(guards, group) == guards.end()) continue;
        const auto commit = commits_.find({group, partition_id});
        const auto offset = commit == commits_.end() ? begin : commit->second.offset;
        lowest = std::min(lowest.value_or(offset), offset);
    }
    return lowest;
}

}  // namespace productd
