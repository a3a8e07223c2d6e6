// Whether the group gets on, seen from outside the worker: by its commits in the log.
#pragma once

#include <atomic>
#include <chrono>
#include <mutex>
#include <optional>
#include <set>
#include <unordered_map>

#include "domain/position.hpp"

namespace productd {

/// Thread-safe.
class ProgressWatch {
public:
    using Time = std::chrono::steady_clock::time_point;

    /// A partition whose first unfinished message has been the same for so long.
    struct Standstill {
        TopicPartition source;
        std::int64_t offset = 0;
        std::chrono::milliseconds lasts{0};
    };

    /// What the log says now: everything below `committed` is finished, messages go up to `end`.
    void note(const TopicPartition& source, std::int64_t committed, std::int64_t end, Time now);
    /// Forgets all other partitions: they are gone.
    void keep_only(const std::set<TopicPartition>& sources);
    /// How many partitions there were at the last keep_only(); 0 before the first.
    std::size_t partitions() const { return partitions_.load(std::memory_order_relaxed); }
    /// The partition that has stood longest; nothing while all that is there is finished.
    std::optional<Standstill> longest(Time now) const;

private:
    struct Mark {
        std::int64_t committed = 0;
        Time since{};
    };

    mutable std::mutex mutex_;
    std::unordered_map<TopicPartition, Mark> unfinished_;
    std::atomic<std::size_t> partitions_{0};
};

}  // namespace productd
