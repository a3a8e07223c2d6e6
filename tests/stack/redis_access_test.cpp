// Who asks, and over what: passwords, rights, databases, TLS.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "fakes/test_certificate.hpp"
#include "stack/redis_reads.hpp"

namespace productd::test {
namespace {

TEST(RedisAccess, ANamedUserNeedsNoMoreThanTheDocumentedRights) {
    OwnRedis redis;
    auto settings = redis.cache_settings();
    RedisCli cli(redis.settings());
    const auto keys = "~" + settings.prefix + "*";
    cli({"ACL", "SETUSER", "app", "on", ">secret", keys, "+get", "+set", "+unlink", "+scan", "+eval", "+ping", "+hello",
         "+select", "+client|tracking", "+client|setname", "+client|kill", "+client|info"});
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
