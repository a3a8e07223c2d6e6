// Looks once a second whether the service is ready, and how far the group is behind in each partition.
#pragma once

#include <functional>
#include <future>
#include <map>

#include "app/health/progress_watch.hpp"
#include "app/health/readiness.hpp"
#include "app/ports/message_log.hpp"
#include "telemetry/metrics.hpp"

namespace productd {

/// Whom the watch asks and tells. All outlive its stop().
struct HealthPorts {
    Readiness& readiness;
    MessageLog& log;
    ProgressWatch& progress;
    Metrics& metrics;
};

class HealthWatch {
public:
    /// Begins at once; `tell` is called on `executor` with every verdict. `group` reads the topics `sources`.
    HealthWatch(const asio::any_io_executor& executor, HealthPorts ports, std::string group,
                std::vector<std::string> sources, std::function<void(bool is_ready)> tell);
    /// Ends the watch; no verdict is told any more when it returns. Not from `executor`.
    void stop();

private:
    asio::awaitable<void> watch();
    void note(const CheckResult& check);
    Task<> measure_lag();

    asio::any_io_executor executor_;
    HealthPorts ports_;
    std::string group_;
    std::vector<std::string> sources_;
    std::function<void(bool)> tell_;
    prometheus::Family<prometheus::Gauge>& lag_;
    std::map<TopicPartition, prometheus::Gauge*> gauges_;
    prometheus::Family<prometheus::Gauge>& checks_;
    std::map<std::string, bool> passed_;
    Signal stopped_;
    bool stopping_ = false;
    std::future<void> ended_;
};

}  // namespace productd
