// What Redis may do to the cache, each done by a real one: the answers stay right, and it is used again afterwards.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "stack/redis_reads.hpp"
#include "stack/slow_link.hpp"

namespace productd::test {
namespace {

using testing::HasSubstr;

TEST(RedisFaults, GoesOnWhenItIsKilledAndUsesTheNewOne) {
    OwnRedis redis;
    RedisCacheInstance instance(redis.cache_settings());
    put(instance, 1, 1);
    redis.kill();
    wait_down(instance);
    EXPECT_EQ(peeked(instance, 1), -1) << "nobody would tell that it changed";
    EXPECT_EQ(found(instance, 1), -1);
    put(instance, 1, 2);
    EXPECT_EQ(found(instance, 1), -1) << "the store is asked";
    EXPECT_THAT(complaint(instance), testing::ContainsRegex("^Redis (cannot be reached|closed the connection)\\. "));
    redis.start();
    wait_up(instance);
    EXPECT_EQ(complaint(instance), "");
    put(instance, 1, 3);
    EXPECT_EQ(peeked(instance, 1), 3);
}

TEST(RedisFaults, WhatCouldNotBeWrittenIsDeletedBeforeItIsUsedAgain) {
    OwnRedis redis;
    RedisCacheInstance instance(redis.cache_settings());
    for (std::uint8_t n = 1; n <= 3; ++n) put(instance, n, 1);
    redis.signal(SIGSTOP);
    put(instance, 1, 2);
    wait_down(instance);
    put(instance, 2, 2);
    EXPECT_EQ(found(instance, 1), -1);
    EXPECT_EQ(found(instance, 2), -1);
    redis.signal(SIGCONT);
    wait_up(instance);
    EXPECT_EQ(found(instance, 1), -1) << "Redis still had version 1, and may have taken version 2";
    EXPECT_EQ(found(instance, 2), -1);
    EXPECT_EQ(found(instance, 3), 1) << "it never changed";
    EXPECT_EQ(instance.cache().stats().remembered, 0u);
}

TEST(RedisFaults, WhatTheLostConnectionStillHeldIsNotWrittenLater) {
    OwnRedis redis;
    SlowLink link(static_cast<unsigned short>(std::stoi(redis.settings().port)));
    auto settings = redis.cache_settings();
    settings.redis.port = link.port();
    RedisCacheInstance instance(settings);
    link.hold();
    put(instance, 1, 1);  // On its way, and given up after the time-out.
    wait_up(instance);
    EXPECT_EQ(found(instance, 1), -1);
    link.release();
    EXPECT_EQ(found(instance, 1), -1) << "it comes after what was deleted for its sake";
}

TEST(RedisFaults, AboveTheBoundTheWholePrefixIsDeletedAndNoOther) {
    OwnRedis redis;
    auto settings = redis.cache_settings();
    settings.remembered_max = 5;
    RedisCacheInstance instance(settings);
    for (std::uint8_t n = 1; n <= 200; ++n) put(instance, n, 1);
    RedisCli(redis.settings())({"SET", "other", "kept"});
    redis.signal(SIGSTOP);
    for (std::uint8_t n = 1; n <= 20; ++n) put(instance, n, 2);
    redis.signal(SIGCONT);
    wait_up(instance);
    RedisCli cli(redis.settings());
    EXPECT_EQ(cli({"DBSIZE"}).integer, 1);
    EXPECT_EQ(cli.text({"GET", "other"}), "kept");
}

TEST(RedisFaults, AFullOneForgetsWhatChangesAndStillReads) {
    OwnRedis redis({"--maxmemory-policy", "noeviction"});
    RedisCacheInstance instance(redis.cache_settings());
    put(instance, 1, 1);
    put(instance, 2, 1);
    RedisCli cli(redis.settings());
    cli({"CONFIG", "SET", "maxmemory", "1"});
    put(instance, 1, 2);
    EXPECT_EQ(found(instance, 1), -1) << "version 1 must not be read";
    EXPECT_EQ(cli({"EXISTS", instance.key(cache_id(1))}).integer, 0);
    EXPECT_EQ(found(instance, 2), 1);
    EXPECT_THAT(complaint(instance), HasSubstr("OOM"));
    EXPECT_TRUE(instance.cache().stats().is_up);
    const auto miss = await(instance.cache().find(cache_id(1)));
    await(instance.cache().fill(cache_id(1), cached_product(1, 2), miss.ticket));
    EXPECT_EQ(found(instance, 1), -1);
    cli({"CONFIG", "SET", "maxmemory", "0"});
    put(instance, 1, 3);
    EXPECT_EQ(found(instance, 1), 3);
    EXPECT_EQ(complaint(instance), "");
}

TEST(RedisFaults, AReplicaThatTakesNoWritesCountsAsDown) {
    OwnRedis master;
    OwnRedis redis;
    RedisCacheInstance instance(redis.cache_settings());
    put(instance, 1, 1);
    RedisCli cli(redis.settings());
    cli({"REPLICAOF", "127.0.0.1", master.settings().port});
    wait_down(instance);  // Without a write of ours: others write elsewhere now.
    EXPECT_EQ(found(instance, 1), -1);
    RedisCacheInstance::wait_for([&] { return complaint(instance).find("READONLY") != std::string::npos; });
    cli({"REPLICAOF", "NO", "ONE"});
    wait_up(instance);
    put(instance, 1, 2);
    EXPECT_EQ(found(instance, 1), 2);
}

TEST(RedisFaults, FlushingItEmptiesTheProcessToo) {
    OwnRedis redis;
    RedisCacheInstance instance(redis.cache_settings());
    put(instance, 1, 1);
    ASSERT_EQ(peeked(instance, 1), 1);
    RedisCli(redis.settings())({"FLUSHALL"});
    RedisCacheInstance::wait_for([&] { return peeked(instance, 1) == -1; });
    const auto miss = await(instance.cache().find(cache_id(1)));
    ASSERT_FALSE(miss.hit);
    await(instance.cache().fill(cache_id(1), cached_product(1, 2), miss.ticket));
    EXPECT_EQ(found(instance, 1), 2);
}

TEST(RedisFaults, AKilledConnectionEmptiesTheProcess) {
    OwnRedis redis;
    RedisCacheInstance instance(redis.cache_settings());
    put(instance, 1, 1);
    const auto flushes = instance.cache().stats().flushes;
    RedisCli cli(redis.settings());
    cli({"CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes"});
    RedisCacheInstance::wait_for([&] { return instance.cache().stats().flushes >= flushes + 2; });
    wait_up(instance);
    EXPECT_EQ(peeked(instance, 1), -1);
    EXPECT_EQ(found(instance, 1), 1) << "Redis itself was never away";
}

}  // namespace
}  // namespace productd::test
