// What Redis may do to the cache, each done by a real one: the answers stay right, and it is used again afterwards.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "contract/product_cache_contract.hpp"
#include "fakes/test_certificate.hpp"
#include "stack/own_redis.hpp"
#include "stack/slow_link.hpp"

namespace productd::test {
namespace {

using contract::cache_id;
using contract::cached_product;
using contract::cached_tombstone;
using contract::never_stored;
using testing::HasSubstr;

std::int64_t version_in(const CacheLookup& lookup) {
    return lookup.hit && lookup.hit->version ? lookup.hit->version->value : -1;
}

/// What a reader of the instance sees now; -1 for a miss.
std::int64_t found(RedisCacheInstance& instance, std::uint8_t number) {
    return version_in(await(instance.cache().find(cache_id(number))));
}
std::int64_t peeked(RedisCacheInstance& instance, std::uint8_t number) {
    return version_in(instance.cache().peek(cache_id(number)));
}
void put(RedisCacheInstance& instance, std::uint8_t number, std::int64_t version) {
    await(instance.cache().put(cache_id(number), cached_product(number, version)));
}
std::string complaint(RedisCacheInstance& instance) {
    const auto checked = await(instance.cache().check());
    return checked ? "" : checked.error().detail;
}
void wait_up(RedisCacheInstance& instance) {
    RedisCacheInstance::wait_for([&] { return instance.cache().stats().is_up; });
}
void wait_down(RedisCacheInstance& instance) {
    RedisCacheInstance::wait_for([&] { return !instance.cache().stats().is_up; });
}

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
    EXPECT_THAT(complaint(instance), HasSubstr("Redis at 127.0.0.1:"));
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

// ---------------------------------------------------------------------------------------------- several instances

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
    await(one.cache().forget_older({{cache_id(1), Version{11}}, {cache_id(2), Version{11}}, {cache_id(3), Version{9}}}));
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

// ---------------------------------------------------------------------------------------------- what is there

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

// ---------------------------------------------------------------------------------------------- who asks, and how

TEST(RedisAccess, ANamedUserNeedsNoMoreThanTheDocumentedRights) {
    OwnRedis redis;
    auto settings = redis.cache_settings();
    RedisCli cli(redis.settings());
    const auto keys = "~" + settings.prefix + "*";
    cli({"ACL", "SETUSER", "app", "on", ">secret", keys, "+get", "+set", "+unlink", "+scan", "+eval", "+ping",
         "+hello", "+select", "+client|tracking", "+client|setname", "+client|kill", "+client|info"});
    settings.redis.user = "app";
    settings.redis.password = "wrong";
    RedisCacheInstance refused(settings, false);
    RedisCacheInstance::wait_for([&] { return complaint(refused).find("WRONGPASS") != std::string::npos; });
    settings.redis.password = "secret";
    settings.redis.database = 3;
    RedisCacheInstance instance(settings);
    put(instance, 1, 1);
    EXPECT_EQ(found(instance, 1), 1);
    const auto miss = await(instance.cache().find(cache_id(2)));
    await(instance.cache().fill(cache_id(2), cached_product(2, 2), miss.ticket));
    EXPECT_EQ(found(instance, 2), 2);
    cli({"SELECT", "3"});
    EXPECT_EQ(cli({"EXISTS", instance.key(cache_id(1))}).integer, 1);
}

TEST(RedisAccess, APasswordAloneIsThatOfTheDefaultUser) {
    OwnRedis redis({"--requirepass", "secret"});
    auto settings = redis.cache_settings();
    RedisCacheInstance refused(settings, false);
    RedisCacheInstance::wait_for([&] { return complaint(refused).find("NOAUTH") != std::string::npos; });
    settings.redis.password = "secret";
    RedisCacheInstance instance(settings);
    put(instance, 1, 1);
    EXPECT_EQ(found(instance, 1), 1);
}

TEST(RedisAccess, SpeaksTlsWithWhomItTrustsOnly) {
    TempFolder folder;
    const auto certificate = TestCertificate::make("redis");
    const auto write = [&](const char* name, const std::string& text) {
        std::ofstream(folder / name) << text;
        return (folder / name).string();
    };
    const auto cert = write("cert.pem", certificate.certificate), key = write("key.pem", certificate.private_key);
    OwnRedis redis({"--port", "0", "--tls-port", "PORT", "--tls-cert-file", cert, "--tls-key-file", key,
                    "--tls-ca-cert-file", cert, "--tls-auth-clients", "yes"});
    auto settings = redis.cache_settings();
    settings.redis.host = "localhost";
    settings.redis.timeout = std::chrono::seconds(5);
    settings.redis.tls = true;
    RedisCacheInstance stranger(settings, false);
    RedisCacheInstance::wait_for([&] { return complaint(stranger).find("Redis.TlsCaFile") != std::string::npos; });
    settings.redis.ca_file = cert;
    settings.redis.certificate_file = cert;
    settings.redis.key_file = key;
    RedisCacheInstance instance(settings);
    put(instance, 1, 1);
    EXPECT_EQ(found(instance, 1), 1);
    settings.redis.ca_file = (folder / "absent.pem").string();
    RedisCacheInstance mistaken(settings, false);
    RedisCacheInstance::wait_for([&] { return complaint(mistaken).find("cannot be used") != std::string::npos; });
}

}  // namespace
}  // namespace productd::test
