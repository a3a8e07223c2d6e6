// A client before servers that misbehave. What a real Redis does is in tests/stack.
#include "outbound/redis/redis_client.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "fakes/fake_redis_server.hpp"
#include "fakes/test_loop.hpp"
#include "outbound/redis/redis_connection.hpp"

namespace productd {
namespace {

using test::FakeRedisServer;
using testing::HasSubstr;
using Command = FakeRedisServer::Command;

/// Answers as a Redis does, but for what the test itself answers.
FakeRedisServer::Answer otherwise_as_redis(std::function<std::optional<std::string>(const Command&)> own) {
    return [own = std::move(own)](const Command& command) -> std::optional<std::string> {
        if (command.at(0) == "HELLO") return "%1\r\n+server\r\n+redis\r\n";
        if (command.at(0) == "CLIENT") return "=33\r\ntxt:id=7 addr=127.0.0.1:5 laddr=x\r\n";
        return own(command);
    };
}

class RedisClientTest : public ::testing::Test {
protected:
    RedisClient& connect(const FakeRedisServer& server, std::chrono::milliseconds timeout = std::chrono::seconds(20)) {
        RedisSettings settings;
        settings.host = "127.0.0.1";
        settings.port = server.port();
        settings.timeout = timeout;
        RedisSession session;
        session.heartbeat = {"PING"};
        session.pushed = [this](const RespValue& push) { seen_.push_back("push " + push.items.at(0).text); };
        session.up = [this] { ++ups_; };
        session.down = [this] { seen_.emplace_back("down"); };
        client_.emplace(loop_.executor(), settings, std::move(session));
        asio::co_spawn(loop_.executor(), client_->run(), [](std::exception_ptr error) {
            if (error) std::rethrow_exception(error);
        });
        return *client_;
    }
    void wait_up() {
        loop_.until([this] { return ups_ > 0; });
    }
    /// The reply's text, or the sentence of the failure; noted where it stands in the stream.
    std::string ask(RedisCommands commands) {
        auto take = [this](Result<RedisReplies> replies) -> Result<std::string> {
            seen_.emplace_back(replies ? "reply" : "failed");
            return replies ? Result<std::string>(replies->back().text) : fail(replies.error());
        };
        const auto answer = loop_.run(client_->ask(std::move(commands), std::move(take)));
        return answer ? *answer : answer.error().detail;
    }
    std::string complaint() {
        loop_.until([this] { return client_->failures() > 0; });
        return client_->check().error().detail;
    }

    TestLoop loop_;
    std::vector<std::string> seen_;
    int ups_ = 0;
    std::optional<RedisClient> client_;
};

TEST_F(RedisClientTest, HandlesRepliesAndPushesInTheOrderOfTheStream) {
    FakeRedisServer server(otherwise_as_redis([](const Command& command) {
        return command.at(0) == "GET" ? ">1\r\n+before\r\n$1\r\na\r\n>1\r\n+behind\r\n$1\r\nb\r\n" : "+OK\r\n";
    }));
    connect(server);
    wait_up();
    RedisCommands two{"GET", "x"};
    two.add({"SET", "y", "z"});
    EXPECT_EQ(ask(std::move(two)), "b");
    EXPECT_EQ(seen_, (std::vector<std::string>{"push before", "push behind", "reply"}));
}

TEST_F(RedisClientTest, AnAnswerCutInTheMiddleFailsTheCallAfterItsUserKnowsAndThenConnectsAnew) {
    std::atomic<int> gets{0};
    FakeRedisServer server(otherwise_as_redis([&](const Command& command) -> std::optional<std::string> {
        if (command.at(0) == "GET" && ++gets == 1) return "$100\r\nhalf";
        if (command.at(0) == "CUT") return std::nullopt;
        return "+OK\r\n";
    }));
    connect(server);
    wait_up();
    RedisCommands commands{"GET", "x"};
    commands.add({"CUT"});
    EXPECT_THAT(ask(std::move(commands)), HasSubstr("closed the connection"));
    EXPECT_EQ(seen_, (std::vector<std::string>{"down", "failed"}));
    loop_.until([this] { return ups_ == 2; });
    EXPECT_EQ(ask({"GET", "x"}), "OK");
}

TEST_F(RedisClientTest, SilenceFailsTheCallAfterTheTimeOut) {
    FakeRedisServer server(otherwise_as_redis([](const Command&) { return std::string(); }));
    connect(server, std::chrono::milliseconds(60));
    wait_up();
    EXPECT_THAT(ask({"GET", "x"}), HasSubstr("did not answer within 60 ms (Redis.Timeout)"));
}

TEST_F(RedisClientTest, BytesThatAreNoProtocolEndTheConnection) {
    FakeRedisServer server([](const Command&) { return "HTTP/1.1 400 Bad Request\r\n\r\n"; });
    connect(server);
    EXPECT_THAT(complaint(), HasSubstr("does not speak its protocol"));
}

TEST_F(RedisClientTest, AnAnswerNobodyAskedForEndsTheConnection) {
    FakeRedisServer server(otherwise_as_redis([](const Command&) { return "+OK\r\n+OK\r\n"; }));
    connect(server);
    wait_up();
    ask({"GET", "x"});
    EXPECT_THAT(complaint(), HasSubstr("answered what was not asked"));
}

TEST_F(RedisClientTest, AServerTooOldOrUnwillingIsNamedInOneSentence) {
    FakeRedisServer old([](const Command&) { return "-ERR unknown command `HELLO`\r\n"; });
    connect(old);
    EXPECT_EQ(complaint(), "Redis refuses this service (ERR).");
    EXPECT_FALSE(client_->is_up());
}

TEST_F(RedisClientTest, WithNobodyThereCallsFailAtOnce) {
    std::optional<FakeRedisServer> server;
    server.emplace([](const Command&) { return std::nullopt; });
    connect(*server);
    EXPECT_THAT(complaint(), HasSubstr("closed the connection"));
    EXPECT_EQ(ask({"GET", "x"}), "Redis is down.");
}

TEST_F(RedisClientTest, EndsItsLostConnectionOnTheServerByNumberAndAddress) {
    std::mutex mutex;
    std::vector<std::string> ended;
    FakeRedisServer server([&](const Command& command) -> std::optional<std::string> {
        if (command.at(0) == "HELLO") return "%1\r\n+server\r\n+redis\r\n";
        if (command.at(0) == "CUT") return std::nullopt;
        if (command.at(0) == "CLIENT" && command.at(1) == "KILL") {
            const std::scoped_lock lock(mutex);
            ended.push_back(command.at(3) + ' ' + command.at(5));
            return ":1\r\n";
        }
        return "=33\r\ntxt:id=7 addr=127.0.0.1:5 laddr=x\r\n";
    });
    connect(server);
    wait_up();
    ask({"CUT"});
    loop_.until([this] { return ups_ == 2; });
    const std::scoped_lock lock(mutex);
    EXPECT_EQ(ended, (std::vector<std::string>{"7 127.0.0.1:5"}));
}

TEST_F(RedisClientTest, AHeartbeatThatIsRefusedEndsTheConnection) {
    FakeRedisServer server(otherwise_as_redis([](const Command&) { return "-READONLY a replica\r\n"; }));
    connect(server);
    wait_up();
    EXPECT_EQ(complaint(), "Redis refuses this service (READONLY).");
}

TEST(RedisConnectionTest, GivesUpAServerThatTakesTheConnectionAndSaysNothingOfTls) {
    TestLoop loop;
    asio::io_context context;
    const asio::ip::tcp::acceptor silent(context, {asio::ip::address_v4::loopback(), 0});
    RedisSettings settings{.host = "127.0.0.1", .port = std::to_string(silent.local_endpoint().port()), .tls = true};
    settings.connect_timeout = std::chrono::milliseconds(50);
    const auto opened = loop.run(RedisConnection::open(settings, [](const RespValue&) {}));
    ASSERT_FALSE(opened);
    EXPECT_THAT(opened.error().detail, HasSubstr("did not take the connection in time"));
}

}  // namespace
}  // namespace productd
