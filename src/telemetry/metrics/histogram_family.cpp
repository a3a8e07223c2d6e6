// Makes the histograms of a family, and asks each what it has counted.
#include "telemetry/metrics/histogram_family.hpp"

namespace productd {

Histogram& HistogramFamily::add(const prometheus::Labels& labels) {
    const std::scoped_lock lock(mutex_);
    auto& histogram = histograms_[labels];
    if (!histogram) histogram = std::make_unique<Histogram>(bounds_);
    return *histogram;
}

ScrapedHistograms HistogramFamily::scraped() const {
    ScrapedHistograms scraped{name_, help_, bounds_, {}};
    const std::scoped_lock lock(mutex_);
    for (const auto& [labels, histogram] : histograms_) scraped.histograms.emplace_back(labels, histogram->counts());
    return scraped;
}

}  // namespace productd
