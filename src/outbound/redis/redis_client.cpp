// Connect, greet, prepare, serve, and again. Calls RedisConnection.
#include "outbound/redis/redis_client.hpp"

#include <random>
#include <utility>

#include "outbound/redis/redis_refusal.hpp"
#include "telemetry/log.hpp"

namespace productd {

namespace {

constexpr BackoffSettings backoff{std::chrono::milliseconds{50}, std::chrono::milliseconds{2'000}};
constexpr std::chrono::milliseconds heartbeat_period{1'000};

Result<> all_granted(const RedisReplies& replies, ServerText text = ServerText::logged) {
    for (const auto& reply : replies) {
        if (reply.is_error()) return fail(redis_refusal("Redis refuses this service", reply, text));
    }
    return {};
}

/// Without the server's text: it may repeat the password, also in the answer behind.
Result<> let_in(const RedisReplies& replies) {
    auto granted = all_granted(replies, ServerText::dropped);
    if (!granted) granted.error().cause = "see Redis.User and Redis.Password; it must be Redis 6 or later";
    return granted;
}

/// The value behind `name` in a line of CLIENT INFO: `id=3 addr=127.0.0.1:52555 …`.
std::string field(std::string_view line, std::string_view name) {
    const auto padded = ' ' + std::string(line);
    const auto at = padded.find(' ' + std::string(name));
    if (at == std::string::npos) return {};
    const auto begin = at + 1 + name.size();
    return padded.substr(begin, padded.find_first_of(" \n", begin) - begin);
}

}  // namespace

RedisClient::RedisClient(asio::any_io_executor loop, RedisSettings settings, RedisSession session)
    : loop_(std::move(loop)),
      settings_(std::move(settings)),
      session_(std::move(session)),
      pause_(loop_),
      backoff_(backoff, std::random_device{}()) {}

asio::awaitable<void> RedisClient::run() {
    for (int attempt = 1; !stopping_; ++attempt) {
        auto opened = co_await open();
        if (opened && !stopping_) {
            attempt = 0;
            co_await serve(std::move(*opened));
        } else if (!opened) {
            note_down(opened.error());
        }
        if (stopping_) co_return;
        pause_.expires_after(backoff_.wait(attempt + 1));
        boost::system::error_code ignored;
        co_await pause_.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
    }
}

void RedisClient::stop() {
    stopping_ = true;
    pause_.cancel();
    reconnect(unavailable("The service stops."));
}

void RedisClient::reconnect(Error why) {
    if (connection_) connection_->close(std::move(why));
}

RedisCommands RedisClient::authentication() const {
    RedisCommands commands;
    if (settings_.password.empty()) {
        commands.add({"HELLO", "3", "SETNAME", "productd"});
    } else {
        const std::string_view user = settings_.user.empty() ? std::string_view("default") : settings_.user;
        commands.add({"HELLO", "3", "AUTH", user, settings_.password, "SETNAME", "productd"});
    }
    if (settings_.database != 0) commands.add({"SELECT", std::to_string(settings_.database)});
    return commands;
}

/// What a lost connection had sent may lie in its buffers and would be done later, behind what is done now: it is ended
/// on the server too. Number and address together mean no other connection, also on a server that counts anew.
Task<> RedisClient::end_lost(RedisConnection& connection) {
    RedisCommands commands;
    if (!on_server_.empty()) {
        const std::string_view id = on_server_[0], address = on_server_[1];
        commands.add({"CLIENT", "KILL", "ID", id, "ADDR", address, "SKIPME", "yes"});
    }
    commands.add({"CLIENT", "INFO"});
    auto replies = co_await connection.exchange(std::move(commands));
    if (!replies) co_return fail(std::move(replies.error()));
    if (auto granted = let_in(*replies); !granted) co_return granted;
    on_server_ = {field(replies->back().text, "id="), field(replies->back().text, "addr=")};
    co_return Result<>{};
}

Task<> RedisClient::greet(RedisConnection& connection) {
    auto hello = co_await connection.exchange(authentication());
    if (!hello) co_return fail(std::move(hello.error()));
    if (auto granted = let_in(*hello); !granted) co_return granted;
    if (auto ended = co_await end_lost(connection); !ended) co_return ended;
    if (session_.greeting.count() == 0) co_return Result<>{};
    auto replies = co_await connection.exchange(session_.greeting);
    if (!replies) co_return fail(std::move(replies.error()));
    co_return all_granted(*replies);
}

Task<std::shared_ptr<RedisConnection>> RedisClient::open() {
    auto connection = co_await RedisConnection::open(settings_, session_.pushed);
    if (!connection) co_return fail(std::move(connection.error()));
    auto granted = co_await greet(**connection);
    if (granted && session_.prepare) granted = co_await session_.prepare(**connection);
    if (!granted) {
        (*connection)->close(granted.error());
        co_return fail(std::move(granted.error()));
    }
    co_return connection;
}

asio::awaitable<void> RedisClient::serve(std::shared_ptr<RedisConnection> connection) {
    if (!connection->is_open()) co_return note_down(co_await connection->closed());
    connection_ = connection;
    connection->on_close([this] {
        connection_.reset();
        up_ = false;
        if (session_.down) session_.down();
    });
    if (session_.up) session_.up();
    {
        const std::scoped_lock lock(mutex_);
        down_.reset();
    }
    up_ = true;
    if (std::exchange(is_told_, false) || (!session_.without_it.empty() && !session_.is_told_by_another)) {
        log::info("Redis answers", {{"address", settings_.address()}});
    }
    asio::co_spawn(loop_, beat(connection), [](std::exception_ptr error) {
        if (error) std::rethrow_exception(error);
    });
    const auto why = co_await connection->closed();
    if (!stopping_) note_down(why);
}

/// One line when it goes, not one for each attempt.
void RedisClient::note_down(const Error& error) {
    failures_.fetch_add(1, std::memory_order_relaxed);
    const auto cause = settings_.address() + (error.cause.empty() ? "" : ": " + error.cause);
    {
        const std::scoped_lock lock(mutex_);
        down_ = unavailable(error.detail, cause);
    }
    if (is_told_ || session_.without_it.empty()) return;
    if (session_.is_told_by_another && session_.is_told_by_another()) return;
    is_told_ = true;
    log::warn("Redis is gone: " + session_.without_it, {{"error", error.detail}, {"cause", cause}});
}

asio::awaitable<void> RedisClient::beat(std::shared_ptr<RedisConnection> connection) {
    while (connection->is_open()) {
        co_await sleep_until(std::chrono::steady_clock::now() + heartbeat_period);
        auto replies = co_await connection->exchange(session_.heartbeat);
        auto granted = replies ? all_granted(*replies) : fail(std::move(replies.error()));
        if (!granted) connection->close(std::move(granted.error()));
    }
}

Result<> RedisClient::check() const {
    const std::scoped_lock lock(mutex_);
    if (down_) return fail(*down_);
    if (!is_up()) return fail(unavailable("Redis was not reached yet.", settings_.address()));
    return {};
}

void RedisClient::post(RedisCommands commands, RedisConnection::Done done) {
    in_flight_.fetch_add(1, std::memory_order_relaxed);
    asio::post(loop_, [this, commands = std::move(commands), done = std::move(done)]() mutable {
        auto counted = [this, done = std::move(done)](Result<RedisReplies> replies) mutable {
            in_flight_.fetch_sub(1, std::memory_order_relaxed);
            done(std::move(replies));
        };
        if (connection_) return connection_->send(commands, std::move(counted));
        counted(fail(unavailable("Redis is down.")));
    });
}

}  // namespace productd
