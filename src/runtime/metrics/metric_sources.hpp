// All of the service that is read at a scrape, rather than counted.
#pragma once

#include <memory>
#include <vector>

#include "runtime/metrics/cache_metrics.hpp"
#include "runtime/metrics/feed_metrics.hpp"
#include "runtime/metrics/load_metrics.hpp"
#include "runtime/metrics/process_metrics.hpp"
#include "runtime/metrics/service_metrics.hpp"
#include "runtime/metrics/sqlite_metrics.hpp"
#include "runtime/metrics/tracing_metrics.hpp"
#include "runtime/metrics/worker_ages.hpp"
#include "telemetry/metrics.hpp"

namespace productd {

/// They keep themselves alive here: a registry asks them as long as they live.
class MetricSources {
public:
    template <class... Sources>
    explicit MetricSources(Metrics& metrics, std::shared_ptr<Sources>... sources) : sources_{std::move(sources)...} {
        for (const auto& source : sources_) metrics.add_source(source);
    }

private:
    std::vector<std::shared_ptr<prometheus::Collectable>> sources_;
};

}  // namespace productd
