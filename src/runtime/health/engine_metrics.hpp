// What the worker knows of itself, read at every scrape.
#pragma once

#include <prometheus/collectable.h>

#include "app/health/progress_watch.hpp"
#include "app/worker/message_worker.hpp"

namespace productd {

class EngineMetrics : public prometheus::Collectable {
public:
    /// All outlive the scrapes.
    EngineMetrics(const MessageWorker& worker, const ProgressWatch& progress) : worker_(worker), progress_(progress) {}
    std::vector<prometheus::MetricFamily> Collect() const override;

private:
    const MessageWorker& worker_;
    const ProgressWatch& progress_;
};

/// Age of the oldest unfinished event, as the worker knows it or as the log shows it, whichever is more.
std::chrono::milliseconds oldest_unfinished(const MessageWorker& worker, const ProgressWatch& progress);

/// Fails while that is above `limit`.
Task<> check_progress(const MessageWorker& worker, const ProgressWatch& progress, std::chrono::milliseconds limit);

/// Fails while the worker waits for the store.
Task<> check_worker(const MessageWorker& worker);

}  // namespace productd
