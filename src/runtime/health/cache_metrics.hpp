// What the cache knows of itself, read at every scrape.
#pragma once

#include <prometheus/collectable.h>

#include "runtime/cache_engine.hpp"

namespace productd {

class CacheMetrics : public prometheus::Collectable {
public:
    /// `engine` outlives the scrapes.
    explicit CacheMetrics(const CacheEngine& engine) : engine_(engine) {}
    /// Those of Redis only where it is used.
    std::vector<prometheus::MetricFamily> Collect() const override;

private:
    const CacheEngine& engine_;
};

}  // namespace productd
