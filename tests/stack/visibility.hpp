// What reads must show of writes, over several instances, and what they did show.
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <limits>
#include <map>
#include <mutex>
#include <string>
#include <vector>

namespace productd::test {

/// One product's writes and reads, judged as they come. A deletion counts as the highest version. Thread-safe.
class VisibilityOf {
public:
    using Time = std::chrono::steady_clock::time_point;
    static constexpr std::int64_t gone = std::numeric_limits<std::int64_t>::max();

    /// What a read that begins now may not fall below.
    struct Floor {
        Time begun;
        std::int64_t written_here = 0;      ///< Answered `applied` by the instance that reads.
        std::int64_t seen_here = 0;         ///< Shown by it before.
        std::int64_t written_long_ago = 0;  ///< Answered by any instance before the bound of the lag.
        std::int64_t written = 0;           ///< Answered by any instance: what a read with `no-cache` shows.
    };

    void applied(int instance, std::int64_t version) {
        const std::scoped_lock lock(mutex_);
        auto& here = here_.at(static_cast<std::size_t>(instance));
        here.written = std::max(here.written, version);
        answered_.try_emplace(version, std::chrono::steady_clock::now());
    }

    Floor floor(int instance, std::chrono::milliseconds lag_max) const {
        const std::scoped_lock lock(mutex_);
        const auto& here = here_.at(static_cast<std::size_t>(instance));
        Floor floor{std::chrono::steady_clock::now(), here.written, here.seen, 0, 0};
        for (const auto& [version, when] : answered_) {
            floor.written = version;
            if (when + lag_max < floor.begun) floor.written_long_ago = version;
        }
        return floor;
    }

    /// Empty when the read was right; else what is wrong with it.
    std::string judge(int instance, const Floor& floor, bool no_cache, std::int64_t version) {
        const std::scoped_lock lock(mutex_);
        auto& seen = here_.at(static_cast<std::size_t>(instance)).seen;
        seen = std::max(seen, version);
        if (version < floor.written_here) return "older than what this instance answered";
        if (version < floor.seen_here) return "older than what this instance showed before";
        if (version < floor.written_long_ago) return "older than the bound of the lag allows";
        if (no_cache && version < floor.written) return "no-cache, and older than what was answered";
        return {};
    }

    /// How long ago the first version above `version` had been answered when the read began; 0 when none was.
    std::chrono::duration<double, std::milli> lag(const Floor& floor, std::int64_t version) const {
        const std::scoped_lock lock(mutex_);
        const auto newer = answered_.upper_bound(version);
        if (newer == answered_.end() || newer->second >= floor.begun) return {};
        return floor.begun - newer->second;
    }

private:
    struct Here {
        std::int64_t written = 0, seen = 0;
    };
    mutable std::mutex mutex_;
    std::array<Here, 2> here_;
    std::map<std::int64_t, Time> answered_;
};

}  // namespace productd::test
