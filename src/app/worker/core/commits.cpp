// Gathers the commits of all partitions that have something new.
#include "app/worker/core/commits.hpp"

#include <algorithm>

namespace productd {

void Commits::advance(const OwnedPartitions& partitions, bool at_once, Time now) {
    if (is_under_way()) return;
    const auto is_dirty = [](const auto& entry) { return entry.second->is_dirty; };
    if (!due_ && std::ranges::any_of(partitions, is_dirty)) due_ = now + interval_;
    if (!due_ || (!at_once && now < *due_)) return;
    due_.reset();
    std::vector<std::pair<TopicPartition, Commit>> commits;
    for (const auto& [source, partition] : partitions) {
        if (!std::exchange(partition->is_dirty, false)) continue;
        told_.push_back(partition);
        commits.emplace_back(source, partition->tracker.commit());
    }
    if (!commits.empty()) effects_.emplace_back(WriteCommits{std::move(commits)});
}

std::optional<Error> Commits::ended(const Result<std::vector<Result<>>>& results) {
    std::optional<Error> why;
    for (std::size_t i = 0; i < told_.size(); ++i) {
        const auto result = results ? (*results)[i] : fail(results.error());
        if (result) continue;
        told_[i]->is_dirty = true;
        why = result.error();
    }
    told_.clear();
    return why;
}

}  // namespace productd
