// A mark for each partition that has something unfinished. Calls nobody.
#include "app/health/progress_watch.hpp"

#include <algorithm>

namespace productd {

void ProgressWatch::note(const TopicPartition& source, std::int64_t committed, std::int64_t end, Time now) {
    const std::scoped_lock lock(mutex_);
    if (committed >= end) {
        unfinished_.erase(source);
        return;
    }
    const auto inserted = unfinished_.try_emplace(source, Mark{committed, now});
    auto& mark = inserted.first->second;
    if (mark.committed != committed) mark = {committed, now};
}

void ProgressWatch::keep_only(const std::set<TopicPartition>& sources) {
    partitions_.store(sources.size(), std::memory_order_relaxed);
    const std::scoped_lock lock(mutex_);
    std::erase_if(unfinished_, [&](const auto& entry) { return !sources.contains(entry.first); });
}

std::optional<ProgressWatch::Standstill> ProgressWatch::longest(Time now) const {
    const std::scoped_lock lock(mutex_);
    const auto oldest = std::ranges::min_element(unfinished_, {}, [](const auto& entry) { return entry.second.since; });
    if (oldest == unfinished_.end()) return std::nullopt;
    const auto& [source, mark] = *oldest;
    return Standstill{source, mark.committed, std::chrono::duration_cast<std::chrono::milliseconds>(now - mark.since)};
}

}  // namespace productd
