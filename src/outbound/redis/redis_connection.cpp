// Three coroutines a connection: one reads, one writes, one looks whether it got stuck. Calls Asio and OpenSSL.
#include "outbound/redis/redis_connection.hpp"

#include <algorithm>
#include <array>
#include <boost/asio/connect.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl.hpp>

namespace productd {

namespace {

using asio::ip::tcp;
using Code = boost::system::error_code;

constexpr std::size_t read_bytes = 64 << 10;

auto into(Code& code) { return asio::redirect_error(asio::use_awaitable, code); }

Error refused(const std::string& what, const std::string& cause = {}) {
    return unavailable("Redis " + what + '.', cause);
}

/// A server or a proxy that repeats what it was sent must not bring the password into a log.
void hide(std::string& text, const std::string& password) {
    if (password.empty()) return;
    for (auto at = text.find(password); at != std::string::npos; at = text.find(password, at)) {
        text.replace(at, password.size(), "*");
        ++at;
    }
}

}  // namespace

/// The socket, with TLS over it or not.
struct RedisConnection::Stream {
    Stream(const asio::any_io_executor& executor, const RedisSettings& settings)
        : tls(settings.tls),
          context(asio::ssl::context::tls_client),
          distrusted(tls ? trust(settings) : Code{}),
          stream(executor, context) {}

    asio::awaitable<std::size_t> read(asio::mutable_buffer to, Code& code) {
        if (tls) co_return co_await stream.async_read_some(to, into(code));
        co_return co_await stream.next_layer().async_read_some(to, into(code));
    }
    asio::awaitable<std::size_t> write(asio::const_buffer from, Code& code) {
        if (tls) co_return co_await stream.async_write_some(from, into(code));
        co_return co_await stream.next_layer().async_write_some(from, into(code));
    }
    asio::awaitable<void> shake_hands(std::string host, Code& code) {
        stream.set_verify_mode(asio::ssl::verify_peer, code);
        if (!code) stream.set_verify_callback(asio::ssl::host_name_verification(host), code);
        if (code) co_return;
        SSL_set_tlsext_host_name(stream.native_handle(), host.c_str());
        co_await stream.async_handshake(asio::ssl::stream_base::client, into(code));
    }
    Code trust(const RedisSettings& settings) {
        Code code;
        context.set_options(asio::ssl::context::no_tlsv1 | asio::ssl::context::no_tlsv1_1, code);
        if (settings.ca_file.empty()) context.set_default_verify_paths(code);
        if (!settings.ca_file.empty()) context.load_verify_file(settings.ca_file, code);
        if (!code && !settings.certificate_file.empty()) {
            context.use_certificate_chain_file(settings.certificate_file, code);
            if (!code) context.use_private_key_file(settings.key_file, asio::ssl::context::pem, code);
        }
        return code;
    }

    bool tls;
    asio::ssl::context context;
    Code distrusted;  ///< Why the files of the settings cannot be used. Before the stream, which copies the context.
    asio::ssl::stream<tcp::socket> stream;
};

RedisConnection::RedisConnection(const asio::any_io_executor& executor, RedisSettings settings, Pushed pushed)
    : settings_(std::move(settings)),
      pushed_(std::move(pushed)),
      stream_(std::make_unique<Stream>(executor, settings_)),
      to_write_(executor),
      ended_(executor),
      tick_(executor) {}

RedisConnection::~RedisConnection() = default;

namespace {

Task<> connect(tcp::socket& socket, RedisSettings settings) {
    tcp::resolver resolver(co_await asio::this_coro::executor);
    Code code;
    const auto found = co_await resolver.async_resolve(settings.host, settings.port, into(code));
    if (code) co_return fail(refused("is where no name leads", "change Redis.Address: " + code.message()));
    co_await asio::async_connect(socket, found, into(code));
    if (code) co_return fail(refused("cannot be reached", code.message()));
    socket.set_option(tcp::no_delay(true), code);
    co_return Result<>{};
}

}  // namespace

Task<> RedisConnection::dial(std::shared_ptr<RedisConnection> self) {
    auto& stream = *self->stream_;
    const auto& settings = self->settings_;
    if (stream.distrusted) {
        co_return fail(refused("is not asked: the files for TLS to it cannot be used",
                               "see Redis.TlsCaFile, TlsCertFile and TlsKeyFile: " + stream.distrusted.message()));
    }
    auto connected = co_await connect(stream.stream.next_layer(), settings);
    if (!connected || !settings.tls) co_return connected;
    Code code;
    co_await stream.shake_hands(settings.host, code);
    if (code) co_return fail(refused("does not agree on TLS", "look at Redis.TlsCaFile: " + code.message()));
    co_return Result<>{};
}

Task<std::shared_ptr<RedisConnection>> RedisConnection::open(RedisSettings settings, Pushed pushed) {
    const auto executor = co_await asio::this_coro::executor;
    std::shared_ptr<RedisConnection> made(new RedisConnection(executor, settings, std::move(pushed)));
    auto dialled = co_await within(std::chrono::steady_clock::now() + settings.connect_timeout, dial(made));
    if (!dialled && dialled.error().code == Errc::deadline_exceeded) {
        co_return fail(refused("did not take the connection in time"));
    }
    if (!dialled) co_return fail(std::move(dialled.error()));
    for (const auto part : {&RedisConnection::read, &RedisConnection::write, &RedisConnection::watch}) {
        asio::co_spawn(
            executor, [](auto self, auto run) -> asio::awaitable<void> { co_await (*self.*run)(); }(made, part),
            [](std::exception_ptr error) {
                if (error) std::rethrow_exception(error);
            });
    }
    co_return made;
}

void RedisConnection::send(const RedisCommands& commands, Done done) {
    if (closed_) return done(fail(*closed_));
    if (in_flight_.empty()) progress_ = std::chrono::steady_clock::now();
    outbox_ += commands.bytes();
    accepted_ += commands.bytes().size();
    in_flight_.push_back({commands.count(), accepted_, {}, std::move(done)});
    to_write_.notify();
}

Task<RedisReplies> RedisConnection::exchange(RedisCommands commands) {
    auto start = [this, commands = std::move(commands)](Answer<RedisReplies> answer) {
        send(commands, std::move(answer));
    };
    co_return co_await answered<RedisReplies>(std::move(start));
}

void RedisConnection::close(Error why) {
    if (closed_) return;
    closed_ = std::move(why);
    Code ignored;
    stream_->stream.next_layer().close(ignored);
    tick_.cancel();
    to_write_.notify();
    ended_.notify();
    if (closing_) closing_();
    for (auto unanswered = std::exchange(in_flight_, {}); auto& request : unanswered) request.done(fail(*closed_));
}

asio::awaitable<Error> RedisConnection::closed() {
    while (!closed_) co_await ended_.wait();
    co_return *closed_;
}

asio::awaitable<void> RedisConnection::read() {
    auto buffer = std::make_unique<std::array<char, read_bytes>>();
    while (!closed_) {
        Code code;
        const auto size = co_await stream_->read(asio::buffer(*buffer), code);
        if (code) co_return close(refused("closed the connection", code.message()));
        progress_ = std::chrono::steady_clock::now();
        reader_.feed({buffer->data(), size});
        while (!closed_) {
            auto value = reader_.next();
            if (!value) co_return close(refused("does not speak its protocol, version 3"));
            if (!*value) break;
            take(std::move(**value));
        }
    }
}

void RedisConnection::take(RespValue value) {
    if (value.kind == RespValue::Kind::push) return pushed_(value);
    if (in_flight_.empty()) return close(refused("answered what was not asked"));
    if (value.is_error()) hide(value.text, settings_.password);
    auto& request = in_flight_.front();
    request.replies.push_back(std::move(value));
    if (request.replies.size() < request.expected) return;
    auto answered = std::move(request);
    in_flight_.pop_front();
    answered.done(std::move(answered.replies));
}

asio::awaitable<void> RedisConnection::write() {
    while (!closed_) {
        const auto sending = std::exchange(outbox_, {});
        for (std::size_t sent = 0; sent < sending.size();) {
            Code code;
            const auto size = co_await stream_->write(asio::buffer(sending) + sent, code);
            if (closed_) co_return;
            if (code) co_return close(refused("closed the connection", code.message()));
            // What comes behind the oldest request says nothing of whether that is being answered.
            if (!in_flight_.empty() && in_flight_.front().end > written_) progress_ = std::chrono::steady_clock::now();
            sent += size;
            written_ += size;
        }
        if (outbox_.empty() && !closed_) co_await to_write_.wait();
    }
}

asio::awaitable<void> RedisConnection::watch() {
    while (!closed_) {
        tick_.expires_after(std::max(settings_.timeout / 4, std::chrono::milliseconds{1}));
        Code ignored;
        co_await tick_.async_wait(into(ignored));
        if (closed_ || in_flight_.empty()) continue;
        if (std::chrono::steady_clock::now() - progress_ > settings_.timeout) {
            close(
                refused("did not answer within " + std::to_string(settings_.timeout.count()) + " ms (Redis.Timeout)"));
        }
    }
}

}  // namespace productd
