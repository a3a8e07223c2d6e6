// The exponential buckets of Prometheus' native histograms
// (https://prometheus.io/docs/specs/native_histograms/#exponential-buckets): each power of two is cut into 2^schema.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace productd::native {

constexpr int schema = 3;  ///< Eight buckets to the power of two: each bound is 9 % above the one before.
constexpr int exponent_min = -24, exponent_max = 30;
/// 2^-24, so 60 ns: what is not above it is in the zero bucket.
constexpr double zero_threshold = 1.0 / (1 << -exponent_min);
constexpr int index_min = (exponent_min << schema) + 1, index_max = exponent_max << schema;
/// The zero bucket, then one for each index. What is above 2^30 is in the last.
constexpr std::size_t slots = index_max - index_min + 2;
/// More are not shown: two neighbours become one, and the schema one less, until there are no more.
constexpr std::size_t buckets_max = 160;

/// Of `value`, which is no NaN.
std::size_t slot_of(double value);
/// The largest value in it; of the last one infinity.
double upper_bound(std::size_t slot);

struct Bucket {
    int index = 0;
    std::uint64_t count = 0;
};

/// Those that have been counted into, in order of their index.
struct Buckets {
    int schema = native::schema;
    std::uint64_t zero_count = 0;
    std::vector<Bucket> positive;
};

/// Of the counts of each slot.
Buckets buckets_of(const std::vector<std::uint64_t>& counts);

}  // namespace productd::native
