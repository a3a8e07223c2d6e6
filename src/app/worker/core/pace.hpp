// How much is asked of the store at a time: what it can do within a time that is good for both.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstddef>

namespace productd {

/// A store that is slow is given less at a time, and more time. Not thread-safe.
class Pace {
public:
    using Duration = std::chrono::steady_clock::duration;

    struct Settings {
        std::size_t size_max = 1'000;                ///< Worker.BatchMax: changes in a call.
        std::size_t places_max = 4;                  ///< Worker.Parallelism: calls at a time.
        std::chrono::milliseconds limit_min{5'000};  ///< Worker.CallTimeout: of a call, up to limit_factor times that.
    };
    static constexpr int limit_factor = 4;

    explicit Pace(Settings settings)
        : settings_(settings), size_(settings.size_max), places_(settings.places_max), limit_(settings.limit_min) {}

    std::size_t size() const { return size_; }
    std::size_t places() const { return places_; }
    std::chrono::milliseconds limit() const { return limit_; }
    /// What the same changes are given the next time, after they ran out of `limit`.
    std::chrono::milliseconds longer(std::chrono::milliseconds limit) const {
        return std::min(2 * limit, limit_factor * settings_.limit_min);
    }

    /// A call was answered. Where half the size took nearly as long, the size is not what makes it slow.
    void on_answer(Duration took) {
        const bool was_in_vain = took > slow && slow_before_ > Duration{} && 4 * took > 3 * slow_before_;
        if (took < quick || was_in_vain) {
            size_ = std::min(2 * size_, settings_.size_max);
            slow_before_ = {};
        } else if (took > slow) {
            size_ = std::max<std::size_t>(size_ / 2, 1);
            slow_before_ = took;
        }
        if (++answers_ < answers_for_more) return;
        answers_ = 0;
        limit_ = std::max(limit_ / 2, settings_.limit_min);
        places_ = std::min(places_ + 1, settings_.places_max);
    }
    void on_timeout() {
        answers_ = 0;
        size_ = std::max<std::size_t>(size_ / 2, 1);
        limit_ = longer(limit_);
        places_ = std::min(std::max<std::size_t>(places_ - 1, 2), places_);
    }

private:
    static constexpr std::chrono::milliseconds quick{100};
    static constexpr std::chrono::milliseconds slow{500};
    static constexpr int answers_for_more = 10;

    Settings settings_;
    std::size_t size_;
    std::size_t places_;
    std::chrono::milliseconds limit_;
    Duration slow_before_{};  ///< What the call took for which the size was halved.
    int answers_ = 0;         ///< In time, in a row.
};

}  // namespace productd
