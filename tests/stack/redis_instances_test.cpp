// Several instances on one Redis.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "stack/redis_reads.hpp"

namespace productd::test {
namespace {

TEST(RedisInstances, AChangeElsewhereIsSeenAndNothingOlderAfterIt) {
    OwnRedis redis;
    RedisCacheInstance writer(redis.cache_settings()), reader(writer.settings());
    for (std::int64_t version = 1; version <= 200; ++version) {
        put(writer, 1, version);
        RedisCacheInstance::wait_for([&] { return found(reader, 1) == version; });
        EXPECT_EQ(peeked(reader, 1), version);
    }
}

TEST(RedisInstances, AReadOfTheStoreFillsOnlyUnderItsLease) {
    OwnRedis redis;
    RedisCacheInstance one(redis.cache_settings()), other(one.settings());
    RedisCli cli(redis.settings());
    const auto miss = await(one.cache().find(cache_id(1)));
    // Another instance writes a newer version, which is then evicted: nothing is left that could be compared.
    put(other, 1, 2);
    cli({"DEL", one.key(cache_id(1))});
    await(one.cache().fill(cache_id(1), cached_product(1, 1), miss.ticket));
    EXPECT_EQ(found(one, 1), -1);
    EXPECT_EQ(found(other, 1), -1);
}

TEST(RedisInstances, OfTwoWhoReadTheStoreUnderOneLeaseTheFirstFills) {
    OwnRedis redis;
    RedisCacheInstance one(redis.cache_settings()), other(one.settings());
    const auto first = await(one.cache().find(cache_id(1)));
    const auto second = await(other.cache().find(cache_id(1)));
    EXPECT_TRUE(await(other.cache().fill(cache_id(1), cached_product(1, 1), second.ticket)));
    EXPECT_EQ(found(other, 1), 1);
    EXPECT_FALSE(await(one.cache().fill(cache_id(1), cached_product(1, 2), first.ticket)));
    // The second has read what is newer and will show it: it says so, and nobody goes back behind that.
    await(one.cache().forget_older({{cache_id(1), Version{2}}}));
    EXPECT_EQ(found(one, 1), -1);
}

TEST(RedisInstances, WhatIsOlderIsForgottenEverywhereAndWhatIsNotStays) {
    OwnRedis redis;
    RedisCacheInstance one(redis.cache_settings()), other(one.settings());
    for (std::uint8_t n = 1; n <= 3; ++n) put(one, n, 9 + n);
    for (std::uint8_t n = 1; n <= 3; ++n) EXPECT_EQ(found(other, n), 9 + n);
    await(
        one.cache().forget_older({{cache_id(1), Version{11}}, {cache_id(2), Version{11}}, {cache_id(3), Version{9}}}));
    EXPECT_EQ(found(one, 1), -1);
    EXPECT_EQ(found(one, 2), 11);
    EXPECT_EQ(found(one, 3), 12);
    RedisCacheInstance::wait_for([&] { return peeked(other, 1) == -1; });
}

TEST(RedisInstances, ALeaseEndsSoThatACrashedReaderBlocksNobody) {
    OwnRedis redis;
    auto settings = redis.cache_settings();
    settings.lease = std::chrono::milliseconds(20);
    RedisCacheInstance instance(settings);
    const auto crashed = await(instance.cache().find(cache_id(1)));
    RedisCacheInstance::wait_for([&] {
        const auto miss = await(instance.cache().find(cache_id(1)));
        await(instance.cache().fill(cache_id(1), cached_product(1, 2), miss.ticket));
        return found(instance, 1) == 2;
    });
    await(instance.cache().fill(cache_id(1), cached_product(1, 1), crashed.ticket));
    EXPECT_EQ(found(instance, 1), 2);
}

}  // namespace
}  // namespace productd::test
