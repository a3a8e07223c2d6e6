// Keeps one connection to Redis: makes it anew when it is lost, and says so once.
#pragma once

#include <atomic>
#include <mutex>

#include "async/backoff.hpp"
#include "outbound/redis/redis_connection.hpp"

namespace productd {

/// What the user of a client does with each of its connections. All are called on the client's loop.
struct RedisSession {
    RedisCommands greeting;   ///< Sent first, behind authentication; an error of any refuses the connection.
    RedisCommands heartbeat;  ///< Sent every second; an error ends the connection.
    /// Runs before the connection counts as up; fails to refuse it. Nothing comes between its end and up().
    std::function<Task<>(RedisConnection&)> prepare;
    std::function<void()> up;
    std::function<void()> down;  ///< Before what was not answered fails.
    RedisConnection::Pushed pushed;
    std::string without_it;  ///< What goes on while it is down, for the log: `reads go to the store`. Empty: no lines.
    /// Whether another connection says it for this one as well; nothing: none does.
    std::function<bool()> is_told_by_another;
};

class RedisClient {
public:
    /// `loop` has one thread and outlives the client. Connects to nothing before run().
    RedisClient(asio::any_io_executor loop, RedisSettings settings, RedisSession session);

    /// Connects, and again with back-off, until stop(). On the loop.
    asio::awaitable<void> run();
    /// On the loop.
    void stop();
    /// Ends the connection for a reason that only its user knows. On the loop.
    void reconnect(Error why);

    /// From any thread: whether calls have a chance.
    bool is_up() const { return up_.load(std::memory_order_acquire); }
    /// From any thread: fails with why it is down.
    Result<> check() const;
    /// From any thread: connections lost or refused so far.
    std::uint64_t failures() const { return failures_.load(std::memory_order_relaxed); }
    std::size_t in_flight() const { return in_flight_.load(std::memory_order_relaxed); }

    /// Sends `commands` from any thread. `take` turns the replies, or why there are none, into what this resumes with.
    /// It is called on the loop where the last reply stands in the stream, and also when the caller has given up.
    template <class Take>
    auto ask(RedisCommands commands, Take take) -> asio::awaitable<std::invoke_result_t<Take&, Result<RedisReplies>>> {
        using R = std::invoke_result_t<Take&, Result<RedisReplies>>;
        using T = typename R::value_type;
        auto start = [this, commands = std::move(commands), take = std::move(take)](Answer<T> answer) mutable {
            post(std::move(commands), [answer = std::move(answer), take = std::move(take)](
                                          Result<RedisReplies> replies) mutable { answer(take(std::move(replies))); });
        };
        co_return co_await answered<T>(std::move(start));
    }
    /// The same for those who do not wait.
    void post(RedisCommands commands, RedisConnection::Done done);

private:
    Task<std::shared_ptr<RedisConnection>> open();
    asio::awaitable<void> serve(std::shared_ptr<RedisConnection> connection);
    asio::awaitable<void> beat(std::shared_ptr<RedisConnection> connection);
    RedisCommands authentication() const;
    Task<> greet(RedisConnection& connection);
    Task<> end_lost(RedisConnection& connection);
    void note_down(const Error& error);

    asio::any_io_executor loop_;
    RedisSettings settings_;
    RedisSession session_;
    std::shared_ptr<RedisConnection> connection_;  ///< Only while it is up.
    std::vector<std::string> on_server_;  ///< Number and address of the connection before, as the server has them.
    bool stopping_ = false;
    bool is_told_ = false;  ///< That it is gone.
    asio::steady_timer pause_;
    Backoff backoff_;
    std::atomic<bool> up_{false};
    std::atomic<std::uint64_t> failures_{0};
    std::atomic<std::size_t> in_flight_{0};
    mutable std::mutex mutex_;
    std::optional<Error> down_;  ///< Why; nothing before the first attempt has ended.
};

}  // namespace productd
