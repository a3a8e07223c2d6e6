// What becomes of spans, read at every scrape.
#pragma once

#include <prometheus/collectable.h>

#include "runtime/observed_ports.hpp"

namespace productd {

class TracingMetrics : public prometheus::Collectable {
public:
    /// `ports` outlives the scrapes.
    explicit TracingMetrics(const ObservedPorts& ports) : ports_(ports) {}
    /// Nothing while tracing is off.
    std::vector<prometheus::MetricFamily> Collect() const override;

private:
    const ObservedPorts& ports_;
};

}  // namespace productd
