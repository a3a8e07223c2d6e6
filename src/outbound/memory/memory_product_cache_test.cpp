// Bounds, time and eviction of the in-process cache. What every cache must do stands in the contract suite.
#include "outbound/memory/memory_product_cache.hpp"

#include <gtest/gtest.h>

#include <thread>

#include "fakes/await.hpp"

namespace productd {
namespace {

using std::chrono::milliseconds;

ProductId id_of(std::uint32_t number) {
    return ProductId({1, 2, 3, 4, 5, 6, 7, 8, static_cast<std::uint8_t>(number >> 24),
                      static_cast<std::uint8_t>(number >> 16), static_cast<std::uint8_t>(number >> 8),
                      static_cast<std::uint8_t>(number)});
}

CachedProduct product_of(std::uint32_t number, std::int64_t version, std::size_t description_bytes = 20) {
    Product product{.id = id_of(number), .name = "Lamp", .description = std::string(description_bytes, 'x')};
    product.version = {version};
    return {std::make_shared<const Product>(std::move(product)), Version{version}};
}

class MemoryProductCacheTest : public ::testing::Test {
protected:
    MemoryProductCache make(MemoryCacheSettings settings) {
        settings.now = [this] { return now_; };
        return MemoryProductCache(std::move(settings));
    }

    std::chrono::steady_clock::time_point now_{std::chrono::hours(1000)};
};

TEST_F(MemoryProductCacheTest, NeverHoldsMoreBytesThanAllowed) {
    auto cache = make({.bytes_max = 256 << 10});
    for (std::uint32_t i = 0; i < 5'000; ++i) {
        await(cache.put(id_of(i), product_of(i, 1, i % 3'000)));
        ASSERT_LE(cache.stats().bytes, std::size_t{256} << 10);
    }
    EXPECT_GT(cache.stats().bytes, std::size_t{192} << 10);
    EXPECT_EQ(cache.stats().entries + cache.stats().evictions, 5'000u);
}

TEST_F(MemoryProductCacheTest, DoesNotKeepAnEntryTooLargeForItsShard) {
    auto cache = make({.bytes_max = 64 << 10});
    await(cache.put(id_of(1), product_of(1, 1)));
    await(cache.put(id_of(1), product_of(1, 2, 10'000)));
    // The older version must not stay either.
    EXPECT_FALSE(cache.peek(id_of(1)).hit);
    EXPECT_EQ(cache.stats().bytes, 0u);
}

TEST_F(MemoryProductCacheTest, CountsWhatIsReplacedOnce) {
    auto cache = make({});
    await(cache.put(id_of(1), product_of(1, 1, 1'000)));
    const auto bytes = cache.stats().bytes;
    EXPECT_GT(bytes, 1'000u + sizeof(Product));
    for (int version = 2; version < 100; ++version) await(cache.put(id_of(1), product_of(1, version, 1'000)));
    EXPECT_EQ(cache.stats().bytes, bytes);
    EXPECT_EQ(cache.stats().entries, 1u);
}

TEST_F(MemoryProductCacheTest, EvictsWhatIsNotAskedForBeforeWhatIs) {
    auto cache = make({.bytes_max = 256 << 10});
    for (std::uint32_t i = 0; i < 100; ++i) await(cache.put(id_of(i), product_of(i, 1)));
    for (std::uint32_t i = 100; i < 20'000; ++i) {
        for (std::uint32_t hot = 0; hot < 100 && i % 50 == 0; ++hot) ASSERT_TRUE(cache.peek(id_of(hot)).hit) << i;
        await(cache.put(id_of(i), product_of(i, 1)));
    }
    EXPECT_GT(cache.stats().evictions, 10'000u);
}

TEST_F(MemoryProductCacheTest, RefusesAStaleFillAlsoAfterTheNewerEntryWasEvicted) {
    auto cache = make({.bytes_max = 64 << 10});
    const auto miss = cache.peek(id_of(0));
    await(cache.put(id_of(0), product_of(0, 2)));
    for (std::uint32_t i = 1; i < 5'000; ++i) await(cache.put(id_of(i), product_of(i, 1)));
    ASSERT_FALSE(cache.peek(id_of(0)).hit);
    await(cache.fill(id_of(0), product_of(0, 1), miss.ticket));
    EXPECT_FALSE(cache.peek(id_of(0)).hit);
}

TEST_F(MemoryProductCacheTest, ForgetsEachEntryAfterItsTimeGiveOrTakeATenth) {
    auto cache = make({.ttl = milliseconds(10'000), .negative_ttl = milliseconds(100)});
    const auto start = now_;
    for (std::uint32_t i = 0; i < 1'000; ++i) await(cache.put(id_of(i), product_of(i, 1)));
    const auto kept_after = [&](milliseconds time) {
        now_ = start + time;
        int kept = 0;
        for (std::uint32_t i = 0; i < 1'000; ++i) kept += cache.peek(id_of(i)).hit.has_value();
        return kept;
    };
    EXPECT_EQ(kept_after(milliseconds(8'999)), 1'000);
    const auto half = kept_after(milliseconds(10'000));
    EXPECT_GT(half, 400);
    EXPECT_LT(half, 600);
    EXPECT_EQ(kept_after(milliseconds(11'001)), 0);
    EXPECT_EQ(cache.stats().entries, 0u);
    EXPECT_EQ(cache.stats().bytes, 0u);
}

TEST_F(MemoryProductCacheTest, ForgetsThatThereIsNoneSoon) {
    auto cache = make({.negative_ttl = milliseconds(1'000)});
    await(cache.put(id_of(1), {nullptr, Version{3}}));
    await(cache.fill(id_of(2), {nullptr, std::nullopt}, cache.peek(id_of(2)).ticket));
    now_ += milliseconds(899);
    EXPECT_TRUE(cache.peek(id_of(1)).hit);
    EXPECT_TRUE(cache.peek(id_of(2)).hit);
    now_ += milliseconds(202);
    EXPECT_FALSE(cache.peek(id_of(1)).hit);
    EXPECT_FALSE(cache.peek(id_of(2)).hit);
}

TEST_F(MemoryProductCacheTest, LetsAnyVersionIntoThePlaceOfAnExpiredEntry) {
    auto cache = make({.ttl = milliseconds(1'000)});
    await(cache.put(id_of(1), product_of(1, 9)));
    now_ += milliseconds(1'101);
    await(cache.put(id_of(1), product_of(1, 1)));
    EXPECT_EQ(cache.peek(id_of(1)).hit->version, Version{1});
}

TEST_F(MemoryProductCacheTest, CountsHitsAndMissesOnceARead) {
    auto cache = make({});
    cache.peek(id_of(1));
    await(cache.find(id_of(1)));
    await(cache.put(id_of(1), product_of(1, 1)));
    cache.peek(id_of(1));
    await(cache.find(id_of(1)));
    EXPECT_EQ(cache.stats().hits, 2u);
    EXPECT_EQ(cache.stats().misses, 1u);
}

TEST_F(MemoryProductCacheTest, WhatIsDroppedIsGoneAndRefusesTheFillsOfEarlierLookups) {
    auto cache = make({});
    await(cache.put(id_of(1), product_of(1, 1)));
    const auto ticket = cache.ticket(id_of(1));
    cache.drop(id_of(1));
    EXPECT_FALSE(cache.peek(id_of(1)).hit);
    await(cache.fill(id_of(1), product_of(1, 2), ticket));
    EXPECT_FALSE(cache.peek(id_of(1)).hit);
    cache.keep(id_of(1), product_of(1, 2));
    EXPECT_TRUE(cache.peek(id_of(1)).hit);
}

TEST_F(MemoryProductCacheTest, ClearingForgetsEverythingAndGoesOn) {
    auto cache = make({.bytes_max = 64 << 10});
    std::vector<CacheTicket> tickets;
    for (std::uint32_t n = 0; n < 500; ++n) {
        await(cache.put(id_of(n), product_of(n, 1)));
        tickets.push_back(cache.ticket(id_of(n)));
    }
    cache.clear();
    EXPECT_EQ(cache.stats().entries, 0u);
    EXPECT_EQ(cache.stats().bytes, 0u);
    for (std::uint32_t n = 0; n < 500; ++n) {
        await(cache.fill(id_of(n), product_of(n, 1), tickets[n]));
        EXPECT_FALSE(cache.peek(id_of(n)).hit);
        await(cache.put(id_of(n), product_of(n, 1)));
    }
    EXPECT_GT(cache.stats().entries, 0u);
}

TEST_F(MemoryProductCacheTest, NeverGoesBackInVersionUnderConcurrentPutsFillsAndEvictions) {
    auto cache = make({.bytes_max = 64 << 10});
    std::atomic<std::int64_t> stored{1}, finished{1};
    std::atomic<bool> failed{false};
    std::jthread reader([&] {
        // Reads as a service does: what is in the store now, filled in with the ticket of the miss before.
        for (int i = 0; i < 20'000; ++i) {
            const auto floor = finished.load();
            const auto lookup = cache.peek(id_of(0));
            if (lookup.hit && lookup.hit->version->value < floor) failed = true;
            if (!lookup.hit) await(cache.fill(id_of(0), product_of(0, stored.load()), lookup.ticket));
        }
    });
    std::jthread noise([&] {
        for (std::uint32_t i = 1; i < 20'000; ++i) await(cache.put(id_of(i), product_of(i, 1)));
    });
    for (int version = 2; version < 10'000; ++version) {
        stored = version;
        await(cache.put(id_of(0), product_of(0, version)));
        finished = version;
    }
    reader.join();
    noise.join();
    EXPECT_FALSE(failed);
    EXPECT_LE(cache.stats().bytes, std::size_t{64} << 10);
}

}  // namespace
}  // namespace productd
