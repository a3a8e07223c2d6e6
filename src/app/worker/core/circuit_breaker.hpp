// Stops calling what is down, and finds out with single probes when it is back.
#pragma once

#include <chrono>
#include <optional>

#include "async/backoff.hpp"

namespace productd {

struct CircuitBreakerSettings {
    int failures_max = 3;  ///< Consecutive failures of whole calls that open it.
    BackoffSettings backoff{};
};

/// Closed: calls pass. Open: none until the back-off is over. Half-open: one probe at a time; its success closes,
/// its failure opens again. Calls that run out of their time count by time, not by number: it opens once they have
/// done so for `silence_max`, and none succeeded meanwhile. Not thread-safe.
class CircuitBreaker {
public:
    using Time = std::chrono::steady_clock::time_point;
    enum class State { closed, open, half_open };

    CircuitBreaker(CircuitBreakerSettings settings, std::chrono::milliseconds silence_max, std::uint64_t seed)
        : settings_(settings), silence_max_(silence_max), backoff_(settings.backoff, seed) {}

    State state(Time now) const {
        if (!is_open_) return State::closed;
        return now < retry_at_ ? State::open : State::half_open;
    }
    /// When it changes without a call's end; nothing while it does not.
    std::optional<Time> next_change() const {
        if (is_open_) return retry_at_;
        if (silent_since_) return *silent_since_ + silence_max_;
        return std::nullopt;
    }

    void on_success() {
        failures_ = 0;
        openings_ = 0;
        is_open_ = false;
        silent_since_.reset();
    }
    /// Failures of calls that began before it opened count no further.
    void on_failure(Time now) {
        ++failures_;
        if (failures_ >= settings_.failures_max) open(now);
    }
    /// A call that began then ran out of its time.
    void on_timeout(Time began, Time now) {
        if (!silent_since_) silent_since_ = began;
        if (is_open_) open(now);
        on_time(now);
    }
    void on_time(Time now) {
        if (!is_open_ && silent_since_ && now >= *silent_since_ + silence_max_) open(now);
    }

private:
    void open(Time now) {
        if (is_open_ && now < retry_at_) return;
        is_open_ = true;
        retry_at_ = now + backoff_.wait(++openings_);
    }

    CircuitBreakerSettings settings_;
    std::chrono::milliseconds silence_max_;
    Backoff backoff_;
    int failures_ = 0;
    int openings_ = 0;
    bool is_open_ = false;
    Time retry_at_{};
    std::optional<Time> silent_since_;  ///< When the first call began that ran out of time since one succeeded.
};

}  // namespace productd
