// What one value is counted as, and that none is lost when many count.
#include "telemetry/metrics/histogram.hpp"

#include <gmock/gmock.h>

#include <cmath>
#include <limits>
#include <numeric>
#include <thread>

namespace productd {
namespace {

using testing::ElementsAre;

constexpr double infinity = std::numeric_limits<double>::infinity();
const std::vector<double> bounds{0.001, 0.25, 1, 10};

SpanContext sampled(std::uint8_t id) {
    SpanContext span;
    span.trace.fill(id);
    span.span.fill(id);
    span.is_sampled = true;
    return span;
}

HistogramCounts counts_of(const std::vector<double>& values) {
    Histogram histogram(bounds);
    for (const auto value : values) histogram.observe(value);
    return histogram.counts();
}

/// Those of the native buckets together, with the zero bucket.
std::uint64_t native_total(const HistogramCounts& counts) {
    auto total = counts.native.zero_count;
    for (const auto& bucket : counts.native.positive) total += bucket.count;
    return total;
}

TEST(Histogram, AValueIsInTheClassicBucketWhoseBoundItDoesNotExceed) {
    const auto counts =
        counts_of({0.001, std::nextafter(0.001, 1.0), 0.25, std::nextafter(0.25, 1.0), 1, 1.5, 10, 10.5});
    EXPECT_THAT(counts.classic, ElementsAre(1, 2, 2, 2, 1));
    EXPECT_EQ(counts.count, 8);
    EXPECT_EQ(native_total(counts), 8);
    EXPECT_NEAR(counts.sum, 0.001 * 2 + 0.25 * 2 + 1 + 1.5 + 10 + 10.5, 1e-12);
}

TEST(Histogram, BothKindsOfBucketsHaveTheSameCountWhereverAValueIs) {
    for (double value = 1e-9; value < 1e12; value *= 1.01) {
        const auto counts = counts_of({value});
        ASSERT_EQ(counts.count, 1);
        const auto classic = static_cast<std::size_t>(std::ranges::lower_bound(bounds, value) - bounds.begin());
        ASSERT_EQ(counts.classic[classic], 1) << value;
        ASSERT_EQ(native_total(counts), 1) << value;
        if (counts.native.positive.empty()) continue;
        const auto index = counts.native.positive[0].index;
        ASSERT_EQ(static_cast<std::size_t>(index - native::index_min + 1), native::slot_of(value)) << value;
    }
}

TEST(Histogram, WhatIsBelowZeroCountsAsZero) {
    const auto counts = counts_of({-1, -infinity, -0.0, 0});
    EXPECT_THAT(counts.classic, ElementsAre(4, 0, 0, 0, 0));
    EXPECT_EQ(counts.native.zero_count, 4);
    EXPECT_EQ(counts.sum, 0);
}

TEST(Histogram, ANanIsNotCounted) {
    const auto counts = counts_of({std::numeric_limits<double>::quiet_NaN(), 2});
    EXPECT_EQ(counts.count, 1);
    EXPECT_EQ(counts.sum, 2);
}

TEST(Histogram, WhatIsInfiniteIsInTheLastBuckets) {
    const auto counts = counts_of({infinity, std::numeric_limits<double>::max()});
    EXPECT_THAT(counts.classic, ElementsAre(0, 0, 0, 0, 2));
    ASSERT_EQ(counts.native.positive.size(), 1);
    EXPECT_EQ(counts.native.positive[0].index, native::index_max);
    EXPECT_EQ(counts.native.positive[0].count, 2);
    EXPECT_EQ(counts.sum, infinity);
}

TEST(Histogram, TheLatestExemplarOfEachBucketIsKept) {
    Histogram histogram(bounds);
    histogram.observe(0.5, sampled(1));
    histogram.observe(0.75, sampled(2));
    histogram.observe(20, sampled(3));
    const auto exemplars = histogram.counts().exemplars;
    ASSERT_EQ(exemplars.size(), bounds.size() + 1);
    EXPECT_EQ(exemplars[2]->span, sampled(2));
    EXPECT_EQ(exemplars[2]->value, 0.75);
    EXPECT_EQ(exemplars[4]->span, sampled(3));
    for (const auto bucket : {0, 1, 3}) EXPECT_FALSE(exemplars[static_cast<std::size_t>(bucket)]);
    EXPECT_EQ(histogram.counts().count, 3);
}

TEST(Histogram, WhatIsOfNoSampledTraceIsNoExemplar) {
    Histogram histogram(bounds);
    auto unsampled = sampled(1);
    unsampled.is_sampled = false;
    SpanContext none;
    none.is_sampled = true;
    histogram.observe(0.5, unsampled);
    histogram.observe(0.5, none);
    histogram.observe(std::numeric_limits<double>::quiet_NaN(), sampled(1));
    EXPECT_EQ(histogram.counts().count, 2);
    for (const auto& exemplar : histogram.counts().exemplars) EXPECT_FALSE(exemplar);
}

TEST(Histogram, ManyThreadsLoseNothingAndNoScrapeSeesTheTwoKindsOfBucketsDiffer) {
    constexpr int threads = 4, each = 20'000;
    Histogram histogram(bounds);
    std::atomic<int> running = threads;
    std::vector<std::jthread> observers;
    for (int thread = 0; thread < threads; ++thread) {
        observers.emplace_back([&, thread] {
            for (int i = 0; i < each; ++i) {
                histogram.observe(i % 16, i % 8 == 0 ? sampled(static_cast<std::uint8_t>(thread + 1)) : SpanContext{});
            }
            --running;
        });
    }
    std::uint64_t before = 0;
    while (running > 0) {
        const auto counts = histogram.counts();
        ASSERT_EQ(std::accumulate(counts.classic.begin(), counts.classic.end(), std::uint64_t{0}), counts.count);
        ASSERT_EQ(native_total(counts), counts.count);
        ASSERT_GE(counts.count, before);
        before = counts.count;
        for (const auto& exemplar : counts.exemplars) {
            // Whole ones only: of one thread.
            if (exemplar) ASSERT_EQ(exemplar->span, sampled(exemplar->span.trace[0]));
        }
    }
    observers.clear();
    const auto counts = histogram.counts();
    EXPECT_EQ(counts.count, threads * each);
    EXPECT_EQ(counts.sum, threads * (each / 16) * 120.0);
    EXPECT_EQ(counts.classic[0], threads * each / 16);
}

}  // namespace
}  // namespace productd
