// Counts how messages end; progress is anything that ended. Used on the worker's executor.
#pragma once

#include <array>
#include <cstdint>
#include <string>

#include "app/worker/core/pipeline_observer.hpp"
#include "app/worker/core/work_item.hpp"

namespace productd::chaos {

class Tally final : public PipelineObserver {
public:
    void received(ChangeKind, std::size_t messages) override { received_ += messages; }
    void finished(const WorkItem&, Ending ending, std::chrono::nanoseconds) override {
        ++endings_[static_cast<std::size_t>(ending)];
        ++finished_;
    }
    void condemned(const WorkItem&, const Error&) override { ++condemned_; }
    void batch(std::size_t, std::chrono::nanoseconds) override { ++batches_; }
    void retried(const Error&, std::span<const Item> items) override { retried_ += items.size(); }
    void log_failed(std::string_view, const Error&) override { ++log_failures_; }
    void parked_too_many(const TopicPartition&) override { ++parked_too_many_; }
    void rebalanced(Rebalance, std::size_t) override {}
    void breaker_changed(CircuitBreaker::State state) override { opened_ += state == CircuitBreaker::State::open; }
    void gauges(const PipelineGauges& now) override { in_flight_ = now.in_flight; }

    std::uint64_t finished_count() const { return finished_; }
    /// Messages that the worker holds: also those of a topic that was made anew since, which no commit tells of.
    std::size_t in_flight() const { return in_flight_; }
    /// Members of a JSON object, without its braces.
    std::string json() const;

private:
    std::size_t in_flight_ = 0;
    std::uint64_t received_ = 0;
    std::uint64_t condemned_ = 0;
    std::uint64_t batches_ = 0;
    std::uint64_t retried_ = 0;
    std::uint64_t finished_ = 0;
    std::uint64_t opened_ = 0;
    std::uint64_t log_failures_ = 0;
    std::uint64_t parked_too_many_ = 0;
    std::array<std::uint64_t, 4> endings_{};
};

}  // namespace productd::chaos
