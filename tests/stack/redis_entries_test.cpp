// What stands in Redis, whoever wrote it, and for how long.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "stack/redis_reads.hpp"

namespace productd::test {
namespace {

TEST(RedisEntries, LastAsLongAsConfigured) {
    OwnRedis redis;
    RedisCacheInstance instance(redis.cache_settings());
    RedisCli cli(redis.settings());
    const auto left = [&](std::uint8_t number) { return cli({"PTTL", instance.key(cache_id(number))}).integer; };
    std::set<std::int64_t> different;
    for (std::uint8_t n = 1; n <= 20; ++n) {
        put(instance, n, 1);
        EXPECT_GT(left(n), 3'200'000);
        EXPECT_LE(left(n), 3'960'000);
        different.insert(left(n) / 1'000);
    }
    EXPECT_GT(different.size(), 2u) << "made together, they must not end together";
    await(instance.cache().put(cache_id(1), cached_tombstone(2)));
    EXPECT_GT(left(1), 3'200'000);
    await(instance.cache().put(cache_id(30), never_stored()));
    EXPECT_GT(left(30), 0);
    EXPECT_LE(left(30), 5'500);
}

TEST(RedisEntries, TheOlderServicesAreReadAndReplaced) {
    OwnRedis redis;
    RedisCacheInstance instance(redis.cache_settings());
    RedisCli cli(redis.settings());
    const auto id = cache_id(1);
    cli({"SET", instance.key(id),
         R"({"productId":")" + id.hex() +
             R"(","name":"Chair 2","description":"A wooden chair","price":11.25,"quantity":4,"rating":6,)"
             R"("createdAt":"2026-11-23T07:46:06.372Z","updatedAt":"2026-11-23T07:46:06.372Z"})"});
    EXPECT_EQ(found(instance, 1), 0);
    EXPECT_EQ(instance.cache().peek(id).hit->product->price, 11.25);
    put(instance, 1, 1);
    EXPECT_EQ(found(instance, 1), 1);
}

TEST(RedisEntries, WhatIsForeignIsReplaced) {
    OwnRedis redis;
    RedisCacheInstance instance(redis.cache_settings());
    RedisCli cli(redis.settings());
    cli({"RPUSH", instance.key(cache_id(1)), "a list"});
    cli({"SET", instance.key(cache_id(2)), std::string_view("\x80\x00 garbage", 10)});
    cli({"SET", instance.key(cache_id(3)), R"({"productId":"6b03ef3e1b0abb1f10e4ee16","name":"of another id"})"});
    for (std::uint8_t n = 1; n <= 3; ++n) {
        const auto miss = await(instance.cache().find(cache_id(n)));
        ASSERT_FALSE(miss.hit);
        await(instance.cache().fill(cache_id(n), cached_product(n, 4), miss.ticket));
        EXPECT_EQ(found(instance, n), 4);
    }
    cli({"DEL", instance.key(cache_id(1))});
    cli({"RPUSH", instance.key(cache_id(1)), "a list"});
    put(instance, 1, 5);
    EXPECT_NE(found(instance, 1), 4);
}

TEST(RedisEntries, ManyArePutTogether) {
    OwnRedis redis;
    RedisCacheInstance instance(redis.cache_settings());
    std::vector<CacheEntry> entries;
    for (std::uint8_t n = 1; n <= 250; ++n) entries.push_back({cache_id(n), cached_product(n, n)});
    await(instance.cache().put_all(std::move(entries)));
    for (std::uint8_t n = 1; n <= 250; ++n) EXPECT_EQ(found(instance, n), n);
}

}  // namespace
}  // namespace productd::test
