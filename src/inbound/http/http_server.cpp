// Accepts connections, deals them out, and lets go of them in the end. Calls HttpHandshake and HttpShard.
#include "inbound/http/http_server.hpp"

#include <atomic>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <exception>
#include <filesystem>
#include <optional>

#include "async/async.hpp"
#include "inbound/http/http_addresses.hpp"
#include "inbound/http/http_handshake.hpp"
#include "inbound/http/http_listen.hpp"
#include "inbound/http/http_shard.hpp"
#include "inbound/http/http_tally.hpp"
#include "telemetry/log.hpp"

namespace productd {

namespace {

constexpr std::chrono::milliseconds accept_pause{100};  // After an error such as too many open files.
constexpr std::chrono::seconds close_limit{1};          // For an idle connection to end when its place is needed.
constexpr std::chrono::seconds cut_grace{1};            // For coroutines to notice that they were cut.
constexpr std::chrono::seconds warning_interval{10};    // Between warnings that the server is full.

}  // namespace

/// Shared with everything that runs, so that nothing outlives what it uses.
struct HttpServer::Core : std::enable_shared_from_this<Core> {
    Core(HttpServerSettings settings, HttpHandler handler, Metrics& metrics,
         const std::vector<asio::any_io_executor>& executors)
        : listener(std::move(settings), std::move(handler), metrics), may_accept(executors.front()) {
        for (const auto& executor : executors) shards.push_back(std::make_unique<HttpShard>(executor, listener));
    }

    const asio::any_io_executor& accept_executor() const { return shards.front()->executor(); }
    void run(HttpTally& tally, const asio::any_io_executor& executor, asio::awaitable<void> loop);
    asio::awaitable<void> accept();
    bool counts_addresses() const { return listener.settings.limits.connections_per_address_max > 0; }
    bool has_too_many(const std::string& remote);
    asio::awaitable<bool> wait_for_room();
    asio::awaitable<bool> close_longest_idle();
    void warn_full();
    void serve(HttpConnection::Socket socket, const std::string& remote, HttpShard& shard);
    void connection_ended(const std::string& remote);
    void stop_accepting();
    void on_each_shard(void (HttpShard::*act)());

    HttpListener listener;
    std::vector<std::unique_ptr<HttpShard>> shards;
    std::optional<HttpAcceptor> acceptor;
    std::uint16_t port = 0;
    Signal may_accept;  ///< On the first executor.
    std::chrono::steady_clock::time_point warned_full{};
    std::atomic<bool> full{false};
    std::atomic<bool> stopping{false};
    HttpAddresses addresses;
    HttpTally accepting;
    HttpTally sessions;
    HttpTally watching;
};

void HttpServer::Core::run(HttpTally& tally, const asio::any_io_executor& executor, asio::awaitable<void> loop) {
    tally.enter();
    asio::co_spawn(executor, std::move(loop), [self = shared_from_this(), &tally](const std::exception_ptr& error) {
        if (error) std::rethrow_exception(error);  // A programmer's error.
        tally.leave();
    });
}

/// Whoever comes is accepted even when there is no place: only so can be told whether to make one.
asio::awaitable<void> HttpServer::Core::accept() {
    for (std::size_t turn = 0; !stopping; ++turn) {
        auto& shard = *shards[turn % shards.size()];
        HttpConnection::Socket socket(shard.executor());
        boost::system::error_code error;
        co_await acceptor->async_accept(socket, asio::redirect_error(asio::use_awaitable, error));
        if (!error) {
            auto remote = remote_of(socket);
            if (has_too_many(remote)) continue;
            const bool open = co_await wait_for_room();
            if (!open) co_return;
            sessions.enter();
            if (counts_addresses()) addresses.enter(remote);
            asio::post(shard.executor(),
                       [self = shared_from_this(), &shard, taken = std::move(socket),
                        from = std::move(remote)]() mutable { self->serve(std::move(taken), from, shard); });
        } else if (error != asio::error::connection_aborted && !stopping) {
            log::warn("A connection could not be accepted.",
                      {{"listener", listener.settings.name}, {"error", error.message()}});
            co_await sleep_until(std::chrono::steady_clock::now() + accept_pause);
        }
    }
}

/// Whether the address has all the connections it may have while places are few.
bool HttpServer::Core::has_too_many(const std::string& remote) {
    const auto& limits = listener.settings.limits;
    if (!counts_addresses() || sessions.running() < limits.connections_max - limits.connections_max / 8) return false;
    if (addresses.connections(remote) < limits.connections_per_address_max) return false;
    listener.metrics.rejected("address");
    return true;
}

/// Makes room for one more connection where there is none, and waits for it. False when the server stops before.
asio::awaitable<bool> HttpServer::Core::wait_for_room() {
    const auto max = listener.settings.limits.connections_max;
    if (sessions.running() < max) co_return true;
    full = true;
    warn_full();
    while (!stopping && sessions.running() >= max) {
        const bool closes = co_await close_longest_idle();
        // The end of a connection is told; that one has become idle is not.
        const std::chrono::milliseconds pause = closes ? close_limit : listener.settings.timeouts.sweep;
        const auto until = std::chrono::steady_clock::now() + pause;
        while (!stopping && sessions.running() >= max && std::chrono::steady_clock::now() < until) {
            co_await may_accept.wait_until(until);
        }
    }
    full = false;
    co_return sessions.running() < max;
}

/// False when no connection is idle.
asio::awaitable<bool> HttpServer::Core::close_longest_idle() {
    HttpShard::Idle longest;
    const HttpShard* where = nullptr;
    const auto ask = [](const HttpShard& shard) -> asio::awaitable<HttpShard::Idle> { co_return shard.longest_idle(); };
    for (const auto& shard : shards) {
        auto idle = co_await asio::co_spawn(shard->executor(), ask(*shard), asio::use_awaitable);
        if (idle.since >= longest.since) continue;
        longest = std::move(idle);
        where = shard.get();
    }
    if (where == nullptr) co_return false;
    listener.metrics.rejected("idle");
    asio::post(where->executor(), [peer = std::move(longest.peer)] {
        if (const auto still = peer.lock()) still->drain();
    });
    co_return true;
}

void HttpServer::Core::warn_full() {
    listener.metrics.rejected("connections");
    const auto now = std::chrono::steady_clock::now();
    if (now - warned_full < warning_interval) return;
    warned_full = now;
    log::warn("New connections wait: there are as many as allowed.",
              {{"listener", listener.settings.name}, {"connections_max", listener.settings.limits.connections_max}});
}

void HttpServer::Core::serve(HttpConnection::Socket socket, const std::string& remote, HttpShard& shard) {
    boost::system::error_code ignored;
    socket.set_option(asio::ip::tcp::no_delay(true), ignored);  // Fails on Unix sockets, which have no delay.
    listener.metrics.connections().Increment();
    try {
        std::make_shared<HttpHandshake>(std::move(socket), remote, shard)->start([self = shared_from_this(), remote] {
            self->connection_ended(remote);
        });
    } catch (const std::exception& error) {
        log::error("A connection could not be served.", {{"error", error.what()}});
        return connection_ended(remote);
    }
    if (shard.draining()) shard.drain();  // It was accepted before stop(), and arrives here after.
}

void HttpServer::Core::connection_ended(const std::string& remote) {
    listener.metrics.connections().Decrement();
    if (counts_addresses()) addresses.leave(remote);
    sessions.leave();
    if (full) asio::post(accept_executor(), [self = shared_from_this()] { self->may_accept.notify(); });
}

/// A Unix socket's name goes first: once the acceptor is closed another process may take the name.
void HttpServer::Core::stop_accepting() {
    std::error_code ignored;
    if (!listener.settings.unix_socket.empty()) std::filesystem::remove(listener.settings.unix_socket, ignored);
    boost::system::error_code unimportant;
    acceptor->close(unimportant);
    may_accept.notify();
}

void HttpServer::Core::on_each_shard(void (HttpShard::*act)()) {
    for (const auto& shard : shards) {
        asio::post(shard->executor(), [self = shared_from_this(), each = shard.get(), act] { (each->*act)(); });
    }
}

HttpServer::HttpServer(HttpServerSettings settings, HttpHandler handler, Metrics& metrics,
                       const std::vector<asio::any_io_executor>& executors)
    : core_(std::make_shared<Core>(std::move(settings), std::move(handler), metrics, executors)) {}

HttpServer::~HttpServer() = default;

Result<> HttpServer::start() {
    auto acceptor = listen(core_->accept_executor(), core_->listener.settings);
    if (!acceptor) return fail(std::move(acceptor).error());
    core_->port = port_of(*acceptor);
    core_->acceptor.emplace(std::move(*acceptor));
    core_->run(core_->accepting, core_->accept_executor(), core_->accept());
    for (const auto& shard : core_->shards) core_->run(core_->watching, shard->executor(), shard->watch());
    return {};
}

std::uint16_t HttpServer::port() const { return core_->port; }

std::size_t HttpServer::connections() const { return core_->sessions.running(); }

asio::awaitable<std::size_t> HttpServer::stop(Deadline deadline) {
    auto core = core_;
    if (!core->acceptor) co_return 0;  // Never started.
    core->stopping = true;
    asio::post(core->accept_executor(), [core] { core->stop_accepting(); });
    core->on_each_shard(&HttpShard::drain);
    co_await core->accepting.wait(deadline);  // Then no session can be added any more.
    const auto left = co_await core->sessions.wait(deadline);
    if (left > 0) {
        log::warn("Connections were cut because the time to stop is over.",
                  {{"listener", core->listener.settings.name}, {"connections", left}});
        core->on_each_shard(&HttpShard::cut);
        co_await core->sessions.wait(std::chrono::steady_clock::now() + cut_grace);
    }
    core->on_each_shard(&HttpShard::close);
    co_await core->watching.wait(std::chrono::steady_clock::now() + cut_grace);
    co_return left;
}

}  // namespace productd
