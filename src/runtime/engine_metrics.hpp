// What the embedded engine knows of itself, read at every scrape.
#pragma once

#include <prometheus/collectable.h>

#include "app/message_worker.hpp"
#include "outbound/memory_product_cache.hpp"

namespace productd {

class EngineMetrics : public prometheus::Collectable {
public:
    /// Both outlive the scrapes.
    EngineMetrics(const MemoryProductCache& cache, const MessageWorker& worker) : cache_(cache), worker_(worker) {}
    std::vector<prometheus::MetricFamily> Collect() const override;

private:
    const MemoryProductCache& cache_;
    const MessageWorker& worker_;
};

/// Fails while the worker waits for the store.
Task<> check_worker(const MessageWorker& worker);

}  // namespace productd
