// What becomes of spans, read at every scrape.
#pragma once

#include <prometheus/collectable.h>

#include "runtime/traced_ports.hpp"

namespace productd {

class TracingMetrics : public prometheus::Collectable {
public:
    /// `ports` outlives the scrapes.
    explicit TracingMetrics(const TracedPorts& ports) : ports_(ports) {}
    /// Nothing while tracing is off.
    std::vector<prometheus::MetricFamily> Collect() const override;

private:
    const TracedPorts& ports_;
};

}  // namespace productd
