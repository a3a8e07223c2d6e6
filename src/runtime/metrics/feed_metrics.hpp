// What is seen of the feed of changes.
#pragma once

#include <prometheus/collectable.h>

#include "app/feed/product_feed.hpp"
#include "telemetry/metrics.hpp"

namespace productd {

/// A histogram of how long after a change those who wait for it here have it.
class FeedDelays : public FeedObserver {
public:
    explicit FeedDelays(Metrics& metrics);
    void on_change(std::chrono::milliseconds delay) override;

private:
    Histogram& delay_;
};

/// How many ask or wait, read at every scrape.
class FeedMetrics : public prometheus::Collectable {
public:
    /// Outlives the scrapes.
    explicit FeedMetrics(const ProductFeed& feed) : feed_(feed) {}
    std::vector<prometheus::MetricFamily> Collect() const override;

private:
    const ProductFeed& feed_;
};

}  // namespace productd
