// The loop of a connection, its handlers and its deadlines. Calls Http2Frames, HttpExchange and HttpConnection.
#include "inbound/http/http2/http2_session.hpp"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/post.hpp>
#include <exception>
#include <utility>
#include <vector>

#include "telemetry/log.hpp"

namespace productd {

namespace {

// While a client leaves so much of its answers unread, its further requests wait: a slow reader holds no memory.
constexpr std::size_t unsent_bytes_max = 1024 * 1024;

}  // namespace

Http2Session::Http2Session(std::unique_ptr<HttpConnection> connection, std::string remote, HttpShard& shard)
    : shard_(shard),
      settings_(shard.listener().settings),
      remote_(std::move(remote)),
      connection_(std::move(connection)),
      frames_(settings_, *this),
      handler_ended_(shard.executor()) {}

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
        co_await connection_->close(HttpConnection::Linger::yes);  // The last frames must not be lost to a reset.
    } catch (...) {
        failure = std::current_exception();
    }
    has_ended_ = true;
    connection_->cut();
    co_await wait_for_handlers();
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
        begin_handlers();
        const bool more = frames_.collect(connection_->output());
        if (!more) co_return true;
        auto sent = connection_->push();  // Mostly the socket takes all of it: nothing has to wait.
        if (sent == HttpConnection::Sent::some) {
            const bool all = co_await connection_->flush();
            if (!all) sent = HttpConnection::Sent::broken;
        }
        if (sent == HttpConnection::Sent::broken) co_return false;
    }
}

asio::awaitable<void> Http2Session::wait_for_handlers() {
    waiting_.clear();
    const auto streams = frames_.streams();
    for (const auto& [id, stream] : streams) {
        if (stream->state == Http2Stream::State::handler) closed(stream);
    }
    while (running_ > 0) co_await handler_ended_.wait();
}

void Http2Session::arrived(const StreamPtr& stream) {
    stream->request.remote = remote_;
    stream->call.protocol = "2";
    stream->call.started = std::chrono::steady_clock::now();
    if (stream->refusal) return refuse(*stream);
    stream->deadline = stream->call.started + settings_.timeouts.request;
    stream->request.deadline = stream->deadline;
    if (running_ >= settings_.limits.streams_max) {
        // Their streams were reset, but they are still at work.
        rejected("http2_streams");
        return frames_.reset(*stream, NGHTTP2_REFUSED_STREAM);
    }
    waiting_.push_back(stream);
    begin_handlers();
}

void Http2Session::begin_handlers() {
    while (!waiting_.empty() && frames_.unsent_bytes() < unsent_bytes_max && !has_ended_) {
        const auto stream = std::move(waiting_.front());
        waiting_.pop_front();
        if (!stream->is_closed && stream->state == Http2Stream::State::waiting) begin_handler(stream);
    }
}

void Http2Session::begin_handler(const StreamPtr& stream) {
    stream->state = Http2Stream::State::handler;
    ++running_;
    asio::co_spawn(shard_.executor(), handle(stream),
                   asio::bind_cancellation_slot(stream->cancel.slot(),
                                                [self = shared_from_this(), stream](const std::exception_ptr& error) {
                                                    self->handler_ended(*stream, error);
                                                }));
}

asio::awaitable<void> Http2Session::handle(StreamPtr stream) {
    // The handler sees its calls fail when it is cancelled; nothing throws on that account.
    co_await asio::this_coro::throw_if_cancelled(false);
    auto response = co_await shard_.exchange().answer(stream->call, std::move(stream->request));
    if (stream->given_up) co_return;
    stream->response = std::move(response);
    frames_.release(*stream);
    send(*stream);
}

void Http2Session::handler_ended(Http2Stream& stream, const std::exception_ptr& error) {
    try {
        if (error) std::rethrow_exception(error);
    } catch (const std::exception& why) {
        log::error("A request ended in an exception.", {{"listener", settings_.name},
                                                        {"error", why.what()},
                                                        {"request_id", stream.call.request_id},
                                                        {"trace_id", stream.call.trace_id}});
        frames_.reset(stream, NGHTTP2_INTERNAL_ERROR);
        send_soon();
    }
    frames_.release(stream);
    --running_;
    rest();
    handler_ended_.notify();
}

void Http2Session::refuse(Http2Stream& stream) {
    stream.call.remote = remote_;
    stream.response = shard_.exchange().refuse(stream.call, stream.request, *stream.refusal);
    stream.request = {};
    frames_.release(stream);
    send(stream);
}

/// The handler did not come back from being cancelled: the client is answered without it.
void Http2Session::give_up(Http2Stream& stream) {
    stream.given_up = true;
    stream.response = shard_.exchange().give_up(stream.call);
    send(stream);
}

void Http2Session::send(Http2Stream& stream) {
    if (stream.is_closed || has_ended_) return;
    frames_.answer(stream, Http2Fields(shard_.exchange(), stream.call, stream.response));
    send_soon();
}

/// What several handlers answer within one turn of the executor goes out together.
void Http2Session::send_soon() {
    if (!is_receiving_ || std::exchange(is_send_posted_, true)) return;
    asio::post(shard_.executor(), [self = shared_from_this()] {
        self->is_send_posted_ = false;
        self->send_now();
    });
}

void Http2Session::send_now() {
    auto sent = HttpConnection::Sent::all;
    while (is_receiving_ && sent == HttpConnection::Sent::all && frames_.collect(connection_->output())) {
        sent = connection_->push();
        begin_handlers();
    }
    // Whoever has to wait for the socket is serve().
    if (is_receiving_ && (sent != HttpConnection::Sent::all || frames_.is_over())) connection_->interrupt();
}

/// Nobody waits for what its handler is doing.
void Http2Session::closed(const StreamPtr& stream) {
    rest();
    if (stream->state != Http2Stream::State::handler || stream->given_up) return;
    stream->call.abandoned = true;
    // Not from within nghttp2.
    asio::post(shard_.executor(),
               [self = shared_from_this(), stream] { stream->cancel.emit(asio::cancellation_type::terminal); });
}

void Http2Session::rejected(std::string_view reason) { shard_.listener().metrics.rejected(reason); }

void Http2Session::rest() {
    if (is_idle()) idle_deadline_ = std::chrono::steady_clock::now() + settings_.timeouts.idle;
}

void Http2Session::sweep(TimePoint now) {
    if (now >= connection_->deadline()) {
        // Writing, or lingering; of the rest the sweep itself knows the deadlines.
        if (!has_ended_) shard_.listener().metrics.timed_out(connection_->phase());
        return connection_->interrupt();
    }
    if (has_ended_) return;
    if (now >= frames_.header_deadline()) return end(HttpPhase::header);
    if (is_idle() && now >= idle_deadline_) return end(HttpPhase::idle);
    if (now >= drain_deadline_) {
        drain_deadline_ = TimePoint::max();
        frames_.go_away();
        send_soon();
    }
    std::vector<StreamPtr> late;
    for (const auto& [id, stream] : frames_.streams()) {
        if (now >= stream->deadline) late.push_back(stream);
    }
    for (const auto& stream : late) sweep_stream(*stream, now);
}

void Http2Session::end(HttpPhase phase) {
    shard_.listener().metrics.timed_out(phase);
    idle_deadline_ = TimePoint::max();
    frames_.terminate(NGHTTP2_NO_ERROR);
    send_soon();
}

void Http2Session::sweep_stream(Http2Stream& stream, TimePoint now) {
    auto& metrics = shard_.listener().metrics;
    stream.deadline = now + settings_.timeouts.linger;  // Until it is looked at again.
    switch (stream.state) {
        case Http2Stream::State::header: return;  // See header_deadline().
        case Http2Stream::State::body:
            metrics.timed_out(HttpPhase::body);
            stream.refusal = HttpRefusal{408, "timeout", "The request did not arrive in time."};
            stream.state = Http2Stream::State::waiting;
            stream.call.started = now;
            return refuse(stream);
        case Http2Stream::State::waiting:
            metrics.timed_out(HttpPhase::handler);
            stream.refusal = HttpRefusal{503, "unread", "Read the answers you have asked for before."};
            return refuse(stream);
        case Http2Stream::State::handler:
            if (stream.call.expired) return give_up(stream);
            stream.call.expired = true;
            metrics.timed_out(HttpPhase::handler);
            return stream.cancel.emit(asio::cancellation_type::terminal);
        case Http2Stream::State::answered:
            metrics.timed_out(HttpPhase::write);
            frames_.reset(stream, NGHTTP2_CANCEL);
            return send_soon();
    }
}

void Http2Session::drain() {
    if (has_ended_ || drain_deadline_ != TimePoint::max()) return;
    drain_deadline_ = std::chrono::steady_clock::now() + settings_.timeouts.linger;
    frames_.announce_end();
    send_soon();
}

void Http2Session::cut() {
    connection_->cut();
    for (const auto& [id, stream] : frames_.streams()) {
        if (stream->state == Http2Stream::State::handler) closed(stream);
    }
}

std::optional<Http2Session::TimePoint> Http2Session::idle_since() const {
    if (!is_idle() || has_ended_) return std::nullopt;
    return idle_deadline_ - settings_.timeouts.idle;
}

}  // namespace productd
