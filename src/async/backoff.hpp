// Exponential back-off with full jitter
// (https://aws.amazon.com/builders-library/timeouts-retries-and-backoff-with-jitter).
#pragma once

#include <algorithm>
#include <chrono>
#include <cmath>
#include <random>

namespace productd {

struct BackoffSettings {
    std::chrono::milliseconds min{50};     ///< Worker.BackoffMin: the ceiling of the first wait.
    std::chrono::milliseconds max{5'000};  ///< Worker.BackoffMax: the ceiling of all later ones.
};

class Backoff {
public:
    Backoff(BackoffSettings settings, std::uint64_t seed) : settings_(settings), random_(seed) {}

    /// How long to wait before attempt `attempt` + 1 (from 1): uniform between 1 ms and min × 2^(attempt - 1), at most
    /// max.
    std::chrono::milliseconds wait(int attempt) {
        const auto doublings = std::clamp(attempt - 1, 0, 30);
        const auto ceiling = std::min<std::int64_t>(settings_.max.count(), settings_.min.count() << doublings);
        return std::chrono::milliseconds{
            std::uniform_int_distribution<std::int64_t>(1, std::max<std::int64_t>(ceiling, 1))(random_)};
    }

private:
    BackoffSettings settings_;
    std::mt19937_64 random_;
};

}  // namespace productd
