// How many frames a client may send that ask for nothing: pings, settings, resets, priorities, empty data. A token
// bucket.
#pragma once

#include <algorithm>
#include <chrono>

namespace productd {

class Http2Patience {
public:
    using TimePoint = std::chrono::steady_clock::time_point;

    /// For a frame of the client; false once they are too many.
    bool spend(int tokens, TimePoint now) {
        if (filled_ == TimePoint{}) filled_ = now;
        const auto seconds = std::chrono::duration<double>(now - filled_).count();
        tokens_ = std::min(tokens_max, tokens_ + seconds * tokens_per_second);
        filled_ = now;
        tokens_ -= tokens;
        return tokens_ >= 0;
    }
    /// For what was done for it: who takes many answers has many windows to update and requests to reset.
    void earn(int tokens) { tokens_ = std::min(tokens_max, tokens_ + tokens); }

private:
    static constexpr double tokens_max = 1'000;
    static constexpr double tokens_per_second = 100;

    double tokens_ = tokens_max;
    TimePoint filled_{};
};

}  // namespace productd
