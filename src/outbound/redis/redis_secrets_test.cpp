// What a server says is never told to a caller, and a server that repeats the password tells it to nobody.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "fakes/fake_redis_server.hpp"
#include "fakes/test_loop.hpp"
#include "outbound/redis/redis_examination.hpp"
#include "outbound/redis/redis_product_cache.hpp"

namespace productd {
namespace {

using test::FakeRedisServer;
using testing::AllOf;
using testing::HasSubstr;
using testing::Not;
using Command = FakeRedisServer::Command;

constexpr const char* password = "hush-hush";
constexpr const char* hello = "%1\r\n+server\r\n+redis\r\n";
constexpr const char* client_info = "=33\r\ntxt:id=7 addr=127.0.0.1:5 laddr=x\r\n";

/// As Redis 5 refuses what it does not know.
std::string echo(const Command& command, const std::string& word = "ERR") {
    std::string text = "-" + word + " unknown command `" + command.at(0) + "`, with args beginning with:";
    for (std::size_t i = 1; i < command.size(); ++i) text += " `" + command[i] + "`,";
    return text + "\r\n";
}

class RedisSecretsTest : public ::testing::Test {
protected:
    static RedisCacheSettings settings_of(const FakeRedisServer& server) {
        RedisCacheSettings settings;
        settings.redis.host = "127.0.0.1";
        settings.redis.port = server.port();
        settings.redis.user = "keeper";
        settings.redis.password = password;
        settings.redis.timeout = std::chrono::seconds(20);
        return settings;
    }

    /// Why a client of this server is down, the part that is for the log behind it.
    std::string complaint(const FakeRedisServer& server) {
        auto found = examine_redis(settings_of(server));
        if (found) return "none";
        detail_ = found.error().detail;
        return detail_ + " | " + found.error().cause;
    }

    std::string detail_;
    TestLoop loop_;
};

TEST_F(RedisSecretsTest, AServerThatRepeatsTheArgumentsOfHelloIsToldByItsFirstWordAlone) {
    FakeRedisServer server([](const Command& command) { return echo(command); });
    EXPECT_THAT(complaint(server), AllOf(Not(HasSubstr("hush")), Not(HasSubstr("keeper")), HasSubstr("(ERR)")));
}

TEST_F(RedisSecretsTest, AWrongPasswordIsNamedWithTheKeysThatChangeIt) {
    FakeRedisServer server([](const Command&) { return "-WRONGPASS hush-hush is not the password\r\n"; });
    EXPECT_THAT(complaint(server),
                AllOf(HasSubstr("(WRONGPASS)"), HasSubstr("Redis.Password"), Not(HasSubstr("hush"))));
}

TEST_F(RedisSecretsTest, AFirstWordThatIsNoneOfRedisIsNotToldAtAll) {
    for (const auto* text : {"-hush-hush\r\n", "-HUSH\r\n", "-HUSH is wrong\r\n", "-hush-hush WRONGPASS\r\n", "-\r\n",
                             "!9\r\nhush-hush\r\n"}) {
        FakeRedisServer server([text](const Command&) { return text; });
        EXPECT_THAT(complaint(server), AllOf(Not(HasSubstr("hush")), Not(HasSubstr("HUSH")))) << text;
    }
}

TEST_F(RedisSecretsTest, TheEchoIsNotToldWhereItComesOneAnswerLate) {
    FakeRedisServer server([](const Command& command) -> std::optional<std::string> {
        if (command.at(0) == "HELLO") return hello + echo(command);
        return "+OK\r\n";
    });
    EXPECT_THAT(complaint(server), Not(HasSubstr("hush")));
}

TEST_F(RedisSecretsTest, TheEchoIsNotToldWhereNobodyAskedForAnAnswer) {
    Command said;
    FakeRedisServer server([&](const Command& command) -> std::optional<std::string> {
        if (command.at(0) == "HELLO") said = command;
        if (command.at(0) == "HELLO") return hello;
        if (command.at(0) == "CLIENT" && command.at(1) == "INFO") return client_info + echo(said);
        return "+OK\r\n";
    });
    EXPECT_THAT(complaint(server), AllOf(Not(HasSubstr("hush")), Not(HasSubstr("none"))));
}

TEST_F(RedisSecretsTest, WhereTheServerIsIsForTheLogAlone) {
    std::optional<FakeRedisServer> server;
    server.emplace([](const Command&) { return std::nullopt; });
    const auto told = complaint(*server);
    EXPECT_THAT(told, HasSubstr("127.0.0.1:" + server->port()));
    EXPECT_THAT(detail_, Not(HasSubstr("127.0.0.1")));
}

TEST_F(RedisSecretsTest, WhatARefusedWriteWasIsNotToldToCallers) {
    FakeRedisServer server([](const Command& command) -> std::optional<std::string> {
        if (command.at(0) == "HELLO") return hello;
        if (command.at(0) == "CLIENT" && command.at(1) == "INFO") return client_info;
        if (command.at(0) == "EVAL") return "-OOM a secret chair\r\n";
        return ":1\r\n";
    });
    RedisProductCache cache(loop_.executor(), settings_of(server));
    asio::co_spawn(loop_.executor(), cache.run(), [](std::exception_ptr error) {
        if (error) std::rethrow_exception(error);
    });
    loop_.until([&] { return cache.stats().is_up; });
    auto put = [&]() -> Task<> {
        co_await cache.put(ProductId{}, CachedProduct{});
        co_return Result<>{};
    };
    ASSERT_TRUE(loop_.run(put()));
    const auto checked = loop_.run(cache.check());
    ASSERT_FALSE(checked);
    EXPECT_THAT(checked.error().detail, AllOf(HasSubstr("(OOM)"), Not(HasSubstr("chair"))));
    EXPECT_THAT(checked.error().cause, HasSubstr("chair")) << "the operator finds it in the log";
}

}  // namespace
}  // namespace productd
