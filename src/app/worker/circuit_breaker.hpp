// Stops calling what is down, and finds out with single probes when it is back.
#pragma once

#include <chrono>

#include "async/backoff.hpp"

namespace productd {

struct CircuitBreakerSettings {
    int failures_max = 3;  ///< Consecutive failures of whole calls that open it.
    BackoffSettings backoff{};
};

/// Closed: calls pass. Open: none until the back-off is over. Half-open: one probe at a time; its success closes,
/// its failure opens again. Not thread-safe.
class CircuitBreaker {
public:
    using Time = std::chrono::steady_clock::time_point;
    enum class State { closed, open, half_open };

    CircuitBreaker(CircuitBreakerSettings settings, std::uint64_t seed)
        : settings_(settings), backoff_(settings.backoff, seed) {}

    State state(Time now) const {
        if (!open_) return State::closed;
        return now < retry_at_ ? State::open : State::half_open;
    }
    Time retry_at() const { return retry_at_; }

    void on_success() {
        failures_ = 0;
        openings_ = 0;
        open_ = false;
    }
    /// Failures of calls that began before it opened count no further.
    void on_failure(Time now) {
        ++failures_;
        if (failures_ < settings_.failures_max) return;
        if (open_ && now < retry_at_) return;
        open_ = true;
        retry_at_ = now + backoff_.wait(++openings_);
    }

private:
    CircuitBreakerSettings settings_;
    Backoff backoff_;
    int failures_ = 0;
    int openings_ = 0;
    bool open_ = false;
    Time retry_at_{};
};

}  // namespace productd
