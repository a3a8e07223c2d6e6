// Counts how large or long things are, by the classic buckets of Prometheus and by its native ones, with exemplars.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "telemetry/metrics/exemplar.hpp"
#include "telemetry/metrics/native_buckets.hpp"

namespace productd {

/// What a histogram has counted, all of it the same observations, whoever observes meanwhile; only the sum may have one
/// more or less of those.
struct HistogramCounts {
    std::vector<std::uint64_t> classic;              ///< Of each bound, not added up; then of what is above the last.
    std::vector<std::optional<Exemplar>> exemplars;  ///< Of the same buckets.
    native::Buckets native;
    std::uint64_t count = 0;
    double sum = 0;
};

/// Used from any thread, and by none held up: an observation is one addition to a cell and one to the sum. The cells
/// are cut at the bounds of both kinds of buckets, so one count is in both.
class Histogram {
public:
    /// `bounds` are the largest values of the classic buckets: ascending, positive, finite. They outlive it.
    explicit Histogram(const std::vector<double>& bounds);

    /// What is below 0 counts as 0, for nothing that is measured here can be; a NaN is not counted; what is infinite
    /// is in the last buckets and makes the sum so.
    void observe(double value) { count(value); }
    /// The same, made in this span: an exemplar, if its trace is sampled.
    void observe(double value, const SpanContext& span);

    HistogramCounts counts() const;

private:
    /// The classic bucket it is in, or nothing.
    std::optional<std::size_t> count(double value);

    const std::vector<double>& bounds_;
    /// One for each pair of a native slot and a classic bucket that a value can be in: of the pair's two numbers one at
    /// least grows with the value and none falls, so their sum says which.
    std::vector<std::atomic<std::uint64_t>> cells_;
    std::atomic<double> sum_{0};
    std::vector<ExemplarSlot> exemplars_;
};

}  // namespace productd
