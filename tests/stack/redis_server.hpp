// A key prefix of its own for each test on the Redis of the stack, and a connection beside the one that is tested.
#pragma once

#include <poll.h>

#include <atomic>
#include <future>
#include <stdexcept>

#include <boost/asio/use_future.hpp>

#include "outbound/redis/redis_product_cache.hpp"
#include "runtime/io_threads.hpp"
#include "stack/stack_server.hpp"

namespace productd::test {

inline std::string redis_port() { return stack_port("redis", "PRODUCTD_STACK_REDIS_PORT"); }

inline RedisSettings redis_settings() {
    RedisSettings settings;
    settings.host = "127.0.0.1";
    settings.port = redis_port();
    // A loaded machine must not look like a dead server.
    settings.timeout = std::chrono::seconds{5};
    return settings;
}

inline RedisCacheSettings redis_cache_settings() {
    static std::atomic<int> made{0};
    const auto now = std::chrono::system_clock::now().time_since_epoch().count();
    RedisCacheSettings settings;
    settings.redis = redis_settings();
    settings.prefix = "test_" + std::to_string(now) + "_" + std::to_string(++made) + ":";
    return settings;
}

/// Another client, which blocks.
class RedisCli {
public:
    explicit RedisCli(RedisSettings settings = redis_settings()) {
        auto opened = on_loop(RedisConnection::open(std::move(settings), [](const RespValue&) {}));
        if (!opened) throw std::runtime_error(opened.error().detail);
        connection_ = std::move(*opened);
    }
    ~RedisCli() { loop_.stop(); }
    RedisCli(const RedisCli&) = delete;
    RedisCli& operator=(const RedisCli&) = delete;

    RespValue operator()(std::initializer_list<std::string_view> command) {
        auto replies = on_loop(connection_->exchange(RedisCommands(command)));
        if (!replies) throw std::runtime_error(replies.error().detail);
        return replies->front();
    }
    std::string text(std::initializer_list<std::string_view> command) { return (*this)(command).text; }

private:
    template <class T>
    T on_loop(asio::awaitable<T> task) {
        return asio::co_spawn(loop_.executor(), std::move(task), asio::use_future).get();
    }

    IoThreads loop_{"redis-cli", 1};
    std::shared_ptr<RedisConnection> connection_;
};

inline bool redis_answers() {
    if (redis_port().empty()) return false;
    try {
        return RedisCli().text({"PING"}) == "PONG";
    } catch (const std::runtime_error&) {
        return false;
    }
}

/// A cache as an instance of the service has it. Waits until Redis is up unless told otherwise.
class RedisCacheInstance {
public:
    explicit RedisCacheInstance(RedisCacheSettings settings = redis_cache_settings(), bool wait_until_up = true)
        : settings_(std::move(settings)), cache_(loop_.executor(), settings_) {
        ended_ = asio::co_spawn(loop_.executor(), cache_.run(), asio::use_future);
        if (wait_until_up) wait_for([this] { return cache_.stats().is_up; });
    }
    ~RedisCacheInstance() { loop_.stop(); }
    RedisCacheInstance(const RedisCacheInstance&) = delete;
    RedisCacheInstance& operator=(const RedisCacheInstance&) = delete;

    RedisProductCache& cache() { return cache_; }
    const RedisCacheSettings& settings() const { return settings_; }
    std::string key(const ProductId& id) const { return settings_.prefix + id.hex(); }

    /// Throws when `done` does not come true within a minute: only a broken test waits that long.
    template <class Done>
    static void wait_for(Done done) {
        const auto limit = std::chrono::steady_clock::now() + std::chrono::minutes(1);
        while (!done()) {
            if (std::chrono::steady_clock::now() > limit) throw std::runtime_error("what is waited for does not come");
            ::poll(nullptr, 0, 1);
        }
    }

private:
    RedisCacheSettings settings_;
    IoThreads loop_{"redis", 1};
    RedisProductCache cache_;
    std::future<void> ended_;  ///< Never, in these tests: the loop is stopped.
};

}  // namespace productd::test
