// One connection to Redis: commands are pipelined, answers and pushes are handled in the order of the stream.
#pragma once

#include <chrono>
#include <functional>
#include <initializer_list>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "async/async.hpp"
#include "codec/resp.hpp"
#include "outbound/redis/redis_settings.hpp"

namespace productd {

/// Commands to be sent together, encoded.
class RedisCommands {
public:
    RedisCommands() = default;
    RedisCommands(std::initializer_list<std::string_view> command) { add(command); }
    void add(std::initializer_list<std::string_view> command) { add(std::span(command.begin(), command.size())); }
    void add(std::span<const std::string_view> command) {
        append_command(bytes_, command);
        ++count_;
    }
    /// One whose answer is a push, such as SUBSCRIBE.
    void add_unanswered(std::initializer_list<std::string_view> command) {
        append_command(bytes_, std::span(command.begin(), command.size()));
    }
    std::size_t count() const { return count_; }
    const std::string& bytes() const { return bytes_; }

private:
    std::string bytes_;
    std::size_t count_ = 0;
};

using RedisReplies = std::vector<RespValue>;

/// Used on the executor it was opened on.
class RedisConnection : public std::enable_shared_from_this<RedisConnection> {
public:
    /// Gets one reply a command, or why there are none. Called where the last reply stands in the stream: all that the
    /// server did before has been seen, nothing that it did later.
    using Done = std::move_only_function<void(Result<RedisReplies>)>;
    using Pushed = std::function<void(const RespValue&)>;

    /// Connects, and no more: nobody is authenticated yet. Fails with unavailable.
    static Task<std::shared_ptr<RedisConnection>> open(RedisSettings settings, Pushed pushed);
    ~RedisConnection();

    void send(const RedisCommands& commands, Done done);
    /// Resumes with the replies; an error reply is one of them.
    Task<RedisReplies> exchange(RedisCommands commands);
    /// Called once at its end, before what was not answered fails.
    void on_close(std::function<void()> closing) { closing_ = std::move(closing); }
    /// Ends it: what was sent and not answered fails with `why`. Later calls fail the same way.
    void close(Error why);
    bool is_open() const { return !closed_; }
    /// Resumes once it is closed, with the reason.
    asio::awaitable<Error> closed();

private:
    struct Stream;
    struct Request {
        std::size_t expected = 0;
        std::uint64_t end = 0;  ///< Where it ends in the stream of all bytes sent.
        RedisReplies replies;
        Done done;
    };

    RedisConnection(const asio::any_io_executor& executor, RedisSettings settings, Pushed pushed);
    static Task<> dial(std::shared_ptr<RedisConnection> self);
    asio::awaitable<void> read();
    asio::awaitable<void> write();
    asio::awaitable<void> watch();
    void take(RespValue value);

    RedisSettings settings_;
    Pushed pushed_;
    std::function<void()> closing_;
    std::unique_ptr<Stream> stream_;
    RespReader reader_;
    std::list<Request> in_flight_;
    std::string outbox_;
    std::uint64_t accepted_ = 0;  ///< Bytes ever put into the outbox.
    std::uint64_t written_ = 0;   ///< What of it the system has taken.
    std::chrono::steady_clock::time_point progress_;
    std::optional<Error> closed_;
    Signal to_write_;
    Signal ended_;
    asio::steady_timer tick_;
};

}  // namespace productd
