// process_* and build information, read at every scrape.
#pragma once

#include <prometheus/collectable.h>

namespace productd {

/// The names Prometheus's own client libraries use (https://prometheus.io/docs/instrumenting/writing_clientlibs).
class ProcessMetrics : public prometheus::Collectable {
public:
    std::vector<prometheus::MetricFamily> Collect() const override;
};

}  // namespace productd
