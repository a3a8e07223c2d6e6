// The histograms of one name, told apart by their labels.
#pragma once

#include <prometheus/labels.h>

#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "telemetry/metrics/histogram.hpp"

namespace productd {

/// What a family shows at a scrape. `bounds` live as long as the family.
struct ScrapedHistograms {
    std::string name;
    std::string help;
    const std::vector<double>& bounds;
    std::vector<std::pair<prometheus::Labels, HistogramCounts>> histograms;
};

/// Used from any thread.
class HistogramFamily {
public:
    HistogramFamily(std::string name, std::string help, std::vector<double> bounds)
        : name_(std::move(name)), help_(std::move(help)), bounds_(std::move(bounds)) {}

    const std::string& name() const { return name_; }
    const std::vector<double>& bounds() const { return bounds_; }
    /// The one with these labels, made when it is first asked for; it lives as long as the family.
    Histogram& add(const prometheus::Labels& labels);
    ScrapedHistograms scraped() const;

private:
    const std::string name_;
    const std::string help_;
    const std::vector<double> bounds_;
    mutable std::mutex mutex_;
    std::map<prometheus::Labels, std::unique_ptr<Histogram>> histograms_;  ///< Guarded.
};

}  // namespace productd
