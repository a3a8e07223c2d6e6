// When what is finished is committed: some time after it is, all partitions at once, one commit at a time.
#pragma once

#include <map>
#include <memory>

#include "app/worker/core/worker_effects.hpp"

namespace productd {

/// The partitions this worker owns.
using OwnedPartitions = std::map<TopicPartition, std::shared_ptr<OwnedPartition>>;

class Commits {
public:
    using Time = WorkItem::Time;

    Commits(std::chrono::milliseconds interval, Effects& effects) : interval_(interval), effects_(effects) {}

    /// Commits what has something to commit, once it is time; `at_once`: now.
    void advance(const OwnedPartitions& partitions, bool at_once, Time now);
    /// The results are in the order of the commits; an error is all of theirs. Returns why one failed: losing a commit
    /// costs repetition only, and the next one carries all of it.
    std::optional<Error> ended(const Result<std::vector<Result<>>>& results);

    bool is_under_way() const { return !told_.empty(); }
    /// When the next is due, unless one is under way.
    std::optional<Time> due() const { return is_under_way() ? std::nullopt : due_; }

private:
    std::chrono::milliseconds interval_;
    Effects& effects_;
    std::vector<std::shared_ptr<OwnedPartition>> told_;
    std::optional<Time> due_;
};

}  // namespace productd
