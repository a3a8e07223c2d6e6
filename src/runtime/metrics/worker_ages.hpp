// How old what the worker has not finished is, read at every scrape.
#pragma once

#include <prometheus/collectable.h>

#include "app/health/progress_watch.hpp"
#include "app/worker/message_worker.hpp"

namespace productd {

class WorkerAges : public prometheus::Collectable {
public:
    /// All outlive the scrapes.
    WorkerAges(const MessageWorker& worker, const ProgressWatch& progress) : worker_(worker), progress_(progress) {}
    std::vector<prometheus::MetricFamily> Collect() const override;

private:
    const MessageWorker& worker_;
    const ProgressWatch& progress_;
};

}  // namespace productd
