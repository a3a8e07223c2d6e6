// Finds a value's cell, and at a scrape makes buckets of both kinds from the cells.
#include "telemetry/metrics/histogram.hpp"

#include <algorithm>
#include <cmath>

namespace productd {

Histogram::Histogram(const std::vector<double>& bounds)
    : bounds_(bounds), cells_(native::slots + bounds.size()), exemplars_(bounds.size() + 1) {}

std::optional<std::size_t> Histogram::count(double value) {
    if (std::isnan(value)) return std::nullopt;
    value = std::max(value, 0.0);
    const auto classic = static_cast<std::size_t>(std::ranges::lower_bound(bounds_, value) - bounds_.begin());
    cells_[native::slot_of(value) + classic].fetch_add(1, std::memory_order_relaxed);
    sum_.fetch_add(value, std::memory_order_relaxed);
    return classic;
}

void Histogram::observe(double value, const SpanContext& span) {
    const auto bucket = count(value);
    if (bucket && span.is_sampled && span.is_valid()) exemplars_[*bucket].keep(span, std::max(value, 0.0));
}

HistogramCounts Histogram::counts() const {
    HistogramCounts counts;
    counts.classic.resize(bounds_.size() + 1);
    counts.sum = sum_.load(std::memory_order_relaxed);
    std::vector<std::uint64_t> slots(native::slots);
    // Along the bounds of both kinds, as a value that grows would pass them.
    std::size_t slot = 0, classic = 0;
    while (true) {
        const auto cell = cells_[slot + classic].load(std::memory_order_relaxed);
        slots[slot] += cell;
        counts.classic[classic] += cell;
        counts.count += cell;
        if (slot + 1 == native::slots && classic == bounds_.size()) break;
        const auto native_bound = native::upper_bound(slot);
        const auto classic_bound = classic < bounds_.size() ? bounds_[classic] : native_bound;
        if (native_bound <= classic_bound && slot + 1 < native::slots) ++slot;
        if (classic_bound <= native_bound && classic < bounds_.size()) ++classic;
    }
    counts.native = native::buckets_of(slots);
    for (const auto& slot_of_bucket : exemplars_) counts.exemplars.push_back(slot_of_bucket.latest());
    return counts;
}

}  // namespace productd
