// What the worker can be told.
#pragma once

#include <chrono>
#include <string>

#include "app/events/topics.hpp"
#include "app/ports/engine_defaults.hpp"
#include "app/worker/core/circuit_breaker.hpp"

namespace productd {

struct WorkerSettings {
    std::string group = defaults::group;  ///< Kafka.GroupId
    TopicNames topics;
    std::size_t parallelism = 4;                          ///< Worker.Parallelism: bulk calls at a time.
    std::size_t batch_max = 1'000;                        ///< Worker.BatchMax: changes in a bulk call.
    std::size_t in_flight_max = 10'000;                   ///< Worker.InFlightMax: messages read and not finished.
    std::size_t in_flight_bytes_max = 16 * 1024 * 1024;   ///< Worker.InFlightBytesMax: memory they occupy.
    std::size_t lane_max = 1'000;                         ///< Worker.LaneMax: messages held of one product.
    std::chrono::milliseconds not_found_wait{30'000};     ///< Worker.NotFoundWait
    std::size_t parked_max = 1'000;                       ///< Worker.ParkedMax: parked messages of a partition.
    std::size_t parked_bytes_max = 4 * 1024 * 1024;       ///< Worker.ParkedBytesMax: their memory.
    int item_attempts_max = 20;                           ///< Worker.ItemAttemptsMax
    std::chrono::milliseconds item_retry_limit{900'000};  ///< Worker.ItemRetryLimit
    std::chrono::milliseconds call_timeout{5'000};        ///< Worker.CallTimeout: of a bulk call of the store.
    std::chrono::milliseconds drain_limit{3'000};         ///< Worker.DrainLimit: for running calls, before letting go.
    std::chrono::milliseconds commit_interval{100};       ///< Worker.CommitInterval
    std::size_t letters_per_call_max = 100;               ///< Worker.LettersPerCall: dead letters written at once.
    CircuitBreakerSettings breaker{};
};

}  // namespace productd
