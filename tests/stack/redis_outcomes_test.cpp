// Outcomes told over a real Redis.
#include <gtest/gtest.h>

#include "fakes/await.hpp"
#include "fakes/sample_product.hpp"
#include "outbound/redis/redis_outcomes.hpp"
#include "runtime/system_ports.hpp"
#include "stack/own_redis.hpp"

namespace productd::test {
namespace {

/// An instance's outcomes, connected.
class OutcomesInstance {
public:
    explicit OutcomesInstance(const RedisSettings& redis) : outcomes_(loop_.executor(), redis, ids_, 100) {
        ended_ = asio::co_spawn(loop_.executor(), outcomes_.run(), asio::use_future);
        RedisCacheInstance::wait_for([this] { return outcomes_.hearing() == Hearing::likely; });
    }
    ~OutcomesInstance() { loop_.stop(); }
    OutcomesInstance(const OutcomesInstance&) = delete;
    OutcomesInstance& operator=(const OutcomesInstance&) = delete;

    RedisOutcomes& operator*() { return outcomes_; }
    RedisOutcomes* operator->() { return &outcomes_; }
    /// What a request that waits for `where` hears; nothing after `patience`.
    std::optional<Outcome> waited(OutcomeWait& wait, const Position& where, std::chrono::milliseconds patience) {
        return asio::co_spawn(executor(), wait.until(where, std::chrono::steady_clock::now() + patience),
                              asio::use_future)
            .get();
    }
    asio::any_io_executor executor() { return io_.executor(); }

private:
    IoThreads loop_{"redis", 1}, io_{"io", 1};
    ProcessIds ids_;
    RedisOutcomes outcomes_;
    std::future<void> ended_;  ///< Never, in these tests: the loop is stopped.
};

const auto here = position(5, 1'000);
constexpr std::chrono::minutes long_enough{1};

TEST(RedisOutcomes, WhatOneFinishesTheOtherHears) {
    OwnRedis redis;
    OutcomesInstance asked(redis.settings()), worker(redis.settings());
    const auto wait = asked->expect(asked.executor());
    worker->tell(wait->id(), here, Applied{nullptr, Version{3}});
    const auto outcome = asked.waited(*wait, here, long_enough);
    ASSERT_TRUE(outcome);
    EXPECT_EQ(std::get<Applied>(*outcome).version, Version{3});
    EXPECT_EQ(asked->stats().received, 1u);
}

TEST(RedisOutcomes, AnotherPositionIsNotTheirs) {
    OwnRedis redis;
    OutcomesInstance asked(redis.settings()), worker(redis.settings());
    const auto wait = asked->expect(asked.executor());
    worker->tell(wait->id(), position(4, 1'000), Finished{});
    RedisCacheInstance::wait_for([&] { return asked->stats().received == 1; });
    EXPECT_FALSE(asked.waited(*wait, here, std::chrono::milliseconds(1)));
}

TEST(RedisOutcomes, OnesOwnAreToldWithoutRedis) {
    OwnRedis redis;
    OutcomesInstance one(redis.settings());
    redis.kill();
    RedisCacheInstance::wait_for([&] { return one->hearing() == Hearing::none; });
    const auto wait = one->expect(one.executor());
    one->tell(wait->id(), here, Finished{});
    EXPECT_TRUE(one.waited(*wait, here, long_enough));
}

TEST(RedisOutcomes, WhatNobodyCanHearIsCounted) {
    OwnRedis redis;
    OutcomesInstance one(redis.settings());
    one->tell(std::string(48, 'a'), here, Finished{});  // An instance that has ended.
    RedisCacheInstance::wait_for([&] { return one->stats().lost == 1; });
    for (const auto* strange : {"", "short", "products:*", "ZZZZZZZZZZZZZZZZZZZZZZZZZZZZZZ"}) {
        one->tell(strange, here, Finished{});  // Any producer's header.
    }
    one->tell(std::string(48, 'b'), here, Finished{});
    RedisCacheInstance::wait_for([&] { return one->stats().lost == 2; });
    redis.kill();
    RedisCacheInstance::wait_for([&] { return one->hearing() == Hearing::none; });
    one->tell(std::string(48, 'a'), here, Finished{});
    EXPECT_EQ(one->stats().lost, 3u);
}

TEST(RedisOutcomes, ForeignMessagesOnTheChannelChangeNothing) {
    OwnRedis redis;
    OutcomesInstance one(redis.settings());
    const auto wait = one->expect(one.executor());
    RedisCli cli(redis.settings());
    const auto channel = "productd:outcomes:" + wait->id().substr(0, 16);
    for (const auto* text : {"", "{}", "garbage"}) EXPECT_EQ(cli({"PUBLISH", channel, text}).integer, 1);
    one->tell(wait->id(), here, Finished{});
    EXPECT_TRUE(one.waited(*wait, here, long_enough));
    EXPECT_EQ(one->stats().received, 0u);
}

}  // namespace
}  // namespace productd::test
