// What the cache knows of itself, read at every scrape.
#pragma once

#include <prometheus/collectable.h>

#include "runtime/cache_and_outcomes.hpp"

namespace productd {

class CacheMetrics : public prometheus::Collectable {
public:
    /// `engine` outlives the scrapes.
    explicit CacheMetrics(const CacheAndOutcomes& engine) : engine_(engine) {}
    /// Those of Redis only where it is used.
    std::vector<prometheus::MetricFamily> Collect() const override;

private:
    const CacheAndOutcomes& engine_;
};

}  // namespace productd
