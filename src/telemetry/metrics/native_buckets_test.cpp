// Which values share a bucket, and what becomes of buckets that are too many.
#include "telemetry/metrics/native_buckets.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

namespace productd::native {
namespace {

int index_of(double value) { return static_cast<int>(slot_of(value)) - 1 + index_min; }

TEST(NativeBuckets, APowerOfTwoIsTheLargestValueOfItsBucket) {
    for (int exponent = exponent_min + 1; exponent < exponent_max; ++exponent) {
        const auto power = std::ldexp(1.0, exponent);
        EXPECT_EQ(index_of(power), exponent * 8) << exponent;
        EXPECT_EQ(index_of(std::nextafter(power, 0.0)), exponent * 8) << exponent;
        EXPECT_EQ(index_of(std::nextafter(power, 2 * power)), exponent * 8 + 1) << exponent;
    }
}

TEST(NativeBuckets, EachBoundIsAnEighthOfAPowerAboveTheOneBeforeAndInItsOwnBucket) {
    for (std::size_t slot = 1; slot + 1 < slots; ++slot) {
        const auto bound = upper_bound(slot);
        const auto index = static_cast<int>(slot) - 1 + index_min;
        EXPECT_NEAR(bound / std::exp2(index / 8.0), 1, 1e-15) << slot;
        EXPECT_EQ(slot_of(bound), slot);
        EXPECT_EQ(slot_of(std::nextafter(bound, 2 * bound)), slot + 1);
    }
}

TEST(NativeBuckets, WhatIsNotAboveTheThresholdIsInTheZeroBucketAndWhatIsTooLargeInTheLast) {
    EXPECT_EQ(slot_of(0), 0);
    EXPECT_EQ(slot_of(std::numeric_limits<double>::denorm_min()), 0);
    EXPECT_EQ(slot_of(zero_threshold), 0);
    EXPECT_EQ(slot_of(std::nextafter(zero_threshold, 1.0)), 1);
    EXPECT_EQ(upper_bound(0), zero_threshold);
    for (const auto value : {std::ldexp(1.0, exponent_max), std::ldexp(1.5, exponent_max), std::ldexp(1.0, 40),
                             std::numeric_limits<double>::max(), std::numeric_limits<double>::infinity()}) {
        EXPECT_EQ(slot_of(value), slots - 1) << value;
    }
    EXPECT_EQ(slot_of(std::ldexp(1.0, exponent_max) * 0.9), slots - 2);
}

std::vector<std::uint64_t> counts_in(std::size_t begin, std::size_t end) {
    std::vector<std::uint64_t> counts(slots);
    for (auto slot = begin; slot < end; ++slot) counts[slot] = slot;
    return counts;
}

TEST(NativeBuckets, AsManyAsMayBeAreShownAsTheyAre) {
    const auto shown = buckets_of(counts_in(1, buckets_max + 1));
    EXPECT_EQ(shown.schema, 3);
    ASSERT_EQ(shown.positive.size(), buckets_max);
    EXPECT_EQ(shown.positive[0].index, index_min);
    EXPECT_EQ(shown.positive[0].count, 1);
}

TEST(NativeBuckets, OneMoreMakesTwoNeighboursOneAndLosesNoCount) {
    for (const auto end : {buckets_max + 2, slots}) {
        const auto counts = counts_in(1, end);
        const auto shown = buckets_of(counts);
        EXPECT_LT(shown.schema, 3);
        EXPECT_LE(shown.positive.size(), buckets_max);
        std::uint64_t total = 0, wanted = 0;
        for (const auto& bucket : shown.positive) total += bucket.count;
        for (const auto count : counts) wanted += count;
        EXPECT_EQ(total, wanted);
        // Each has what lies between its bounds, by the definition of its schema.
        for (const auto& bucket : shown.positive) {
            const auto below = [&](int index) { return std::exp2(index / std::exp2(shown.schema)) * (1 + 1e-12); };
            std::uint64_t inside = 0;
            for (std::size_t slot = 1; slot < end; ++slot) {
                const auto bound = std::exp2((static_cast<int>(slot) - 1 + index_min) / 8.0);
                if (bound > below(bucket.index - 1) && bound <= below(bucket.index)) inside += counts[slot];
            }
            EXPECT_EQ(bucket.count, inside) << bucket.index;
        }
    }
}

}  // namespace
}  // namespace productd::native
