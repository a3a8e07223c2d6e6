// Finds a value's bucket by its exponent and a table of eight; lets neighbours become one.
#include "telemetry/metrics/native_buckets.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <limits>

namespace productd::native {

namespace {

/// 2^(i/8) / 2, as Prometheus and its clients have them.
constexpr std::array fractions{0.5,
                               0.5452538663326288,
                               0.5946035575013605,
                               0.6484197773255048,
                               0.7071067811865475,
                               0.7711054127039704,
                               0.8408964152537144,
                               0.9170040432046711};
static_assert(fractions.size() == 1 << schema);

// An IEEE 754 double: the sign, 11 bits of exponent, 52 of fraction.
constexpr int fraction_bits = 52;
constexpr std::uint64_t fraction_mask = (std::uint64_t{1} << fraction_bits) - 1;
constexpr int exponent_bias = 1022;  // For a fraction of 0.5 to 1.

/// Floor of the half, as C++20 shifts negative numbers.
constexpr int halved(int index) { return (index + 1) >> 1; }

void lower_schema(Buckets& buckets) {
    std::vector<Bucket> wider;
    for (const auto& [index, count] : buckets.positive) {
        if (wider.empty() || wider.back().index != halved(index)) wider.push_back({halved(index), 0});
        wider.back().count += count;
    }
    buckets.positive = std::move(wider);
    --buckets.schema;
}

}  // namespace

std::size_t slot_of(double value) {
    if (value <= zero_threshold) return 0;
    const auto bits = std::bit_cast<std::uint64_t>(value);
    const auto exponent = static_cast<int>(bits >> fraction_bits) - exponent_bias;
    if (exponent > exponent_max + 1) return slots - 1;
    const auto fraction = std::bit_cast<double>((bits & fraction_mask) | std::uint64_t{exponent_bias} << fraction_bits);
    int below = 0;
    for (const auto bound : fractions) below += bound < fraction ? 1 : 0;
    const auto index = ((exponent - 1) << schema) + below;
    return static_cast<std::size_t>(std::min(index, index_max) - index_min + 1);
}

double upper_bound(std::size_t slot) {
    if (slot == 0) return zero_threshold;
    if (slot + 1 >= slots) return std::numeric_limits<double>::infinity();
    const auto index = static_cast<int>(slot) - 1 + index_min;
    const auto part = static_cast<std::size_t>(index & ((1 << schema) - 1));
    return std::ldexp(fractions[part], (index >> schema) + 1);
}

Buckets buckets_of(const std::vector<std::uint64_t>& counts) {
    Buckets buckets{.zero_count = counts[0]};
    for (std::size_t slot = 1; slot < counts.size(); ++slot) {
        if (counts[slot] != 0) buckets.positive.push_back({static_cast<int>(slot) - 1 + index_min, counts[slot]});
    }
    while (buckets.positive.size() > buckets_max) lower_schema(buckets);
    return buckets;
}

}  // namespace productd::native
