// What the worker reports, for metrics and logs. Called on the worker's executor; must not block.
#pragma once

#include <chrono>
#include <memory>
#include <span>
#include <string_view>
#include <utility>

#include "app/worker/core/circuit_breaker.hpp"
#include "async/async.hpp"
#include "domain/decide.hpp"
#include "domain/position.hpp"

namespace productd {

struct WorkItem;

/// How a message ended.
enum class Ending { applied, superseded, refused, dead_lettered };

constexpr std::string_view name(Ending ending) {
    switch (ending) {
        case Ending::applied: return "applied";
        case Ending::superseded: return "superseded";
        case Ending::refused: return "refused";
        case Ending::dead_lettered: return "dead_lettered";
    }
    std::unreachable();
}

/// What the group did with this worker's partitions. Lost ones were given to others without its consent.
enum class Rebalance { assigned, revoked, lost };

constexpr std::string_view name(Rebalance what) {
    switch (what) {
        case Rebalance::assigned: return "assigned";
        case Rebalance::revoked: return "revoked";
        case Rebalance::lost: return "lost";
    }
    std::unreachable();
}

struct PipelineGauges {
    std::size_t in_flight = 0;
    std::size_t in_flight_bytes = 0;
    std::size_t parked = 0;
    std::size_t dead_letters_waiting = 0;
    CircuitBreaker::State breaker = CircuitBreaker::State::closed;
};

class PipelineObserver {
public:
    virtual ~PipelineObserver() = default;
    virtual void received(ChangeKind kind, std::size_t messages) = 0;
    virtual void finished(const WorkItem& item, Ending ending, std::chrono::nanoseconds since_arrival) = 0;
    /// Before the letter is written; `error` says why.
    virtual void condemned(const WorkItem& item, const Error& error) = 0;
    virtual void batch(std::size_t changes, std::chrono::nanoseconds duration) = 0;
    /// `items` are tried again; none where it was no change that failed.
    virtual void retried(const Error& error, std::span<const std::shared_ptr<WorkItem>> items) = 0;
    /// The log failed: a fetch, a commit or a dead letter.
    virtual void log_failed(std::string_view operation, const Error& error) = 0;
    /// A message that waits for its product goes early, because too many of its partition wait.
    virtual void parked_too_many(const TopicPartition& source) = 0;
    virtual void rebalanced(Rebalance what, std::size_t partitions) = 0;
    virtual void breaker_changed(CircuitBreaker::State state) = 0;
    virtual void gauges(const PipelineGauges& now) = 0;
};

}  // namespace productd
