// What bench_pipeline sees of the worker: how long each message took, and what is reported meanwhile.
#pragma once

#include <memory>
#include <stdexcept>
#include <vector>

#include "app/ports/outcomes.hpp"
#include "app/worker/core/pipeline_observer.hpp"
#include "bench_pipeline_log.hpp"

namespace productd::bench {

/// Notes how each message of the window ended, and what the worker reports meanwhile.
class Watch : public Outcomes, public PipelineObserver {
public:
    Watch(const Load& load, Schedule schedule) : load_(load), schedule_(schedule) {}

    bool measuring = false;
    std::uint64_t applied = 0, other = 0;
    std::uint64_t first = 0, end = 0;  ///< The numbers of the messages whose latency counts.
    std::vector<float> latencies;      ///< Milliseconds.
    std::vector<std::uint32_t> batches;
    double batch_seconds = 0, in_flight_sum = 0, reports = 0;

    std::unique_ptr<OutcomeWait> expect(asio::any_io_executor) override { return nullptr; }
    void tell(const std::string&, const Position& position, const Outcome&) override {
        const auto number = load_.number(position.source.partition, static_cast<std::uint64_t>(position.offset));
        if (number < first || number >= end) return;
        latencies.push_back(static_cast<float>(seconds_since(schedule_.intended(number)) * 1e3));
    }
    void received(ChangeKind, std::size_t) override {}
    void finished(const WorkItem&, Ending ending, std::chrono::nanoseconds) override {
        ++(ending == Ending::applied ? applied : other);
    }
    void batch(std::size_t changes, std::chrono::nanoseconds duration) override {
        if (!measuring) return;
        batches.push_back(static_cast<std::uint32_t>(changes));
        batch_seconds += std::chrono::duration<double>(duration).count();
    }
    void gauges(const PipelineGauges& now) override {
        if (!measuring) return;
        in_flight_sum += static_cast<double>(now.in_flight);
        ++reports;
    }
    void condemned(const WorkItem&, const Error& error) override { throw std::runtime_error(error.detail); }
    void retried(const Error& error, std::span<const Item>) override { throw std::runtime_error(error.detail); }
    void log_failed(std::string_view, const Error& error) override { throw std::runtime_error(error.detail); }
    void parked_too_many(const TopicPartition&) override {}
    void rebalanced(Rebalance, std::size_t) override {}
    void breaker_changed(CircuitBreaker::State) override {}

private:
    const Load& load_;
    Schedule schedule_;
};

}  // namespace productd::bench
