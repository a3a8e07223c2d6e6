// The loop of a connection and its deadlines. Calls Http2Frames, Http2Handlers and HttpConnection.
#include "inbound/http/http2/http2_session.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/post.hpp>
#include <exception>
#include <utility>

#include "inbound/http/http_bounds.hpp"
#include "telemetry/log.hpp"

namespace productd {

Http2Session::Http2Session(std::unique_ptr<HttpConnection> connection, std::string remote, HttpShard& shard)
    : shard_(shard),
      settings_(shard.listener().settings),
      connection_(std::move(connection)),
      frames_(settings_, *this),
      handlers_(shard, std::move(remote), connection_->client(), frames_, *this) {}

void Http2Session::start(std::function<void()> done) {
    connection_->wait_in(HttpPhase::idle, TimePoint::max());
    rest();
    asio::co_spawn(shard_.executor(), run(),
                   [self = shared_from_this(), done = std::move(done)](const std::exception_ptr& error) {
                       try {
                           if (error) std::rethrow_exception(error);
                       } catch (const std::exception& why) {
                           log::error("A connection ended in an exception.",
                                      {{"listener", self->settings_.name}, {"error", why.what()}});
                       }
                       self->connection_->cut();
                       done();
                   });
}

asio::awaitable<void> Http2Session::run() {
    std::exception_ptr failure;
    try {
        co_await serve();
        has_ended_ = true;
        co_await connection_->close(linger_);
    } catch (...) {
        failure = std::current_exception();
    }
    has_ended_ = true;
    connection_->cut();
    handlers_.cancel_all();
    co_await handlers_.wait();
    if (failure) std::rethrow_exception(failure);
}

asio::awaitable<void> Http2Session::serve() {
    for (;;) {
        frames_.feed(connection_->input(), std::chrono::steady_clock::now());
        connection_->consume(connection_->input().size());
        const bool sent = co_await send_all();
        if (!sent || frames_.is_over()) co_return;
        connection_->wait_in(HttpPhase::idle, TimePoint::max());  // The sweep knows the deadlines here.
        is_receiving_ = true;
        const auto arrival = co_await connection_->receive();
        is_receiving_ = false;
        if (arrival == HttpConnection::Arrival::closed) co_return;
    }
}

/// False: the client is gone, or reads too slowly.
asio::awaitable<bool> Http2Session::send_all() {
    for (;;) {
        auto sent = connection_->push();  // Mostly the socket takes all of it: nothing has to wait.
        if (sent == HttpConnection::Sent::some) {
            const bool all = co_await connection_->flush();
            if (!all) sent = HttpConnection::Sent::broken;
        }
        if (sent == HttpConnection::Sent::broken) co_return false;
        handlers_.begin();
        const bool more = frames_.collect(connection_->output());
        if (!more) co_return true;
    }
}

void Http2Session::arrived(const StreamPtr& stream) {
    rest();
    handlers_.arrived(stream);
}

/// What several handlers answer within one turn of the executor goes out together.
void Http2Session::send_soon() {
    if (!is_receiving_ || std::exchange(is_send_posted_, true)) return;
    asio::post(shard_.executor(), [self = shared_from_this()] {
        self->is_send_posted_ = false;
        try {
            self->send_now();
        } catch (const std::exception& why) {
            log::error("A connection ended in an exception.",
                       {{"listener", self->settings_.name}, {"error", why.what()}});
            self->cut();
        }
    });
}

void Http2Session::send_now() {
    auto sent = HttpConnection::Sent::all;
    while (is_receiving_ && sent == HttpConnection::Sent::all && frames_.collect(connection_->output())) {
        sent = connection_->push();
        handlers_.begin();
    }
    // Whoever has to wait for the socket is serve().
    if (is_receiving_ && (sent != HttpConnection::Sent::all || frames_.is_over())) connection_->interrupt();
}

void Http2Session::rejected(std::string_view reason) { shard_.listener().metrics.rejected(reason); }

void Http2Session::rest() { idle_deadline_ = std::chrono::steady_clock::now() + settings_.timeouts.idle; }

void Http2Session::sweep(TimePoint now) {
    handlers_.pieces().cancel_unwanted();
    if (now >= connection_->deadline()) {
        // Writing, or lingering; of the rest the sweep itself knows the deadlines.
        if (!has_ended_) shard_.listener().metrics.timed_out(connection_->phase());
        return connection_->interrupt();
    }
    if (has_ended_ || frames_.is_terminated()) return;
    if (const auto since = idle_since(); since && now >= *since + http_bounds::rest_before_trim) connection_->trim();
    // While it is written, nothing is read: what is late then may have come in time.
    if (is_receiving_ && now >= frames_.header_deadline()) return end(HttpPhase::header);
    if (!is_idle()) rest();
    if (now >= idle_deadline_) return end(HttpPhase::idle);
    if (now >= drain_deadline_) {
        drain_deadline_ = TimePoint::max();
        frames_.go_away();
        send_soon();
    }
    handlers_.sweep(now, is_receiving_ ? Http2Handlers::Reading::yes : Http2Handlers::Reading::no);
}

void Http2Session::end(HttpPhase phase) {
    shard_.listener().metrics.timed_out(phase);
    frames_.terminate(NGHTTP2_NO_ERROR);
    send_soon();
}

void Http2Session::drain() {
    if (has_ended_ || std::exchange(is_draining_, true)) return;
    if (is_idle()) {
        // At once: its place may be needed. A request on its way stands behind the GOAWAY's last one, and may be
        // retried.
        linger_ = HttpConnection::Linger::no;
        frames_.terminate(NGHTTP2_NO_ERROR);
    } else {
        drain_deadline_ = std::chrono::steady_clock::now() + settings_.timeouts.linger;
        frames_.announce_end();
        handlers_.pieces().stop();
    }
    send_soon();
}

void Http2Session::cut() {
    connection_->cut();
    handlers_.cancel_all();
}

std::optional<Http2Session::TimePoint> Http2Session::idle_since() const {
    if (!is_idle() || has_ended_ || is_draining_) return std::nullopt;
    return idle_deadline_ - settings_.timeouts.idle;
}

}  // namespace productd
