// How many products were tried in about the last minute.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>

namespace productd {

/// Counts in two halves of a minute, so it tells of between 30 and 60 seconds. Not thread-safe.
class RecentlyTried {
public:
    using Time = std::chrono::steady_clock::time_point;

    void note(std::size_t products, Time now) {
        turn(now);
        current_ += products;
    }
    std::size_t count(Time now) {
        turn(now);
        return current_ + before_;
    }

private:
    static constexpr std::chrono::seconds half{30};

    void turn(Time now) {
        if (now - began_ < half) return;
        before_ = now - began_ < 2 * half ? current_ : 0;
        current_ = 0;
        began_ = now;
    }

    std::size_t current_ = 0;
    std::size_t before_ = 0;
    Time began_{};
};

}  // namespace productd
