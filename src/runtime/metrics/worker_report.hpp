// What the worker reports, as metrics and log lines.
#pragma once

#include <array>
#include <chrono>
#include <map>
#include <mutex>
#include <optional>
#include <string>

#include "app/worker/core/pipeline_observer.hpp"
#include "domain/enumerators.hpp"
#include "runtime/process_spans.hpp"
#include "telemetry/metrics.hpp"

namespace productd {

class WorkerReport : public PipelineObserver {
public:
    WorkerReport(Metrics& metrics, ProcessSpans spans);

    void received(ChangeKind kind, std::size_t messages) override;
    void finished(const WorkItem& item, Ending ending, std::chrono::nanoseconds since_arrival) override;
    void condemned(const WorkItem& item, const Error& error) override;
    void batch(std::size_t changes, std::chrono::nanoseconds duration) override;
    void retried(const Error& error, std::span<const Item> items) override;
    void log_failed(std::string_view operation, const Error& error) override;
    void parked_too_many(const TopicPartition& source) override;
    void rebalanced(Rebalance what, std::size_t partitions) override;
    void breaker_changed(CircuitBreaker::State state) override;
    void gauges(const PipelineGauges& now) override;

    /// Of the store: why its latest call failed, or a part of it, since it was last back. Any thread may ask.
    std::optional<Error> last_failure() const;

private:
    static constexpr std::size_t endings = enumerators<Ending>.size();

    ProcessSpans spans_;
    // The contract's names.
    prometheus::Counter& incoming_;
    prometheus::Counter& success_;
    prometheus::Counter& error_;
    // Ours.
    std::array<prometheus::Counter*, change_kinds * endings> finished_{};
    std::array<Histogram*, change_kinds> latency_{};
    std::array<prometheus::Counter*, enumerators<Errc>.size()> condemned_{};
    Histogram& batch_size_;
    Histogram& batch_seconds_;
    prometheus::Counter& retries_;
    prometheus::Counter& log_failures_;
    prometheus::Counter& parked_early_;
    std::array<prometheus::Counter*, 3> rebalances_{};  ///< By what happened.
    prometheus::Gauge& in_flight_;
    prometheus::Gauge& in_flight_bytes_;
    prometheus::Gauge& parked_;
    prometheus::Gauge& dead_letters_waiting_;
    prometheus::Gauge& breaker_;
    mutable std::mutex mutex_;
    std::optional<Error> last_failure_;  ///< Guarded.
    std::chrono::steady_clock::time_point parked_warning_{};
    std::optional<std::chrono::steady_clock::time_point> down_since_;  ///< Of the store, while it is.
    /// By what was said, which is one of few sentences.
    std::map<std::string, std::optional<std::chrono::steady_clock::time_point>> failure_warnings_;
};

}  // namespace productd
