// The loop of a connection, with every way it can end. Calls HttpParser, HttpExchange, HttpConnection.
#include "inbound/http/http1/http1_session.hpp"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/post.hpp>
#include <exception>

#include "inbound/http/http1/http_writer.hpp"
#include "inbound/http/http_bounds.hpp"
#include "telemetry/log.hpp"

namespace productd {

Http1Session::Http1Session(std::unique_ptr<HttpConnection> connection, std::string remote, HttpShard& shard)
    : shard_(shard),
      remote_(std::move(remote)),
      owned_(std::move(connection)),
      parser_(shard.listener().settings.limits),
      held_(*shard.listener().settings.requests_bytes),
      unsent_(*shard.listener().settings.answers_bytes) {
    call_.client = connection_.client();
}

void Http1Session::start(std::optional<HttpRefusal> refusal, std::function<void()> done) {
    const auto self = shared_from_this();
    asio::co_spawn(
        shard_.executor(), run(std::move(refusal)),
        asio::bind_cancellation_slot(cancel_.slot(), [self, done = std::move(done)](const std::exception_ptr& error) {
            try {
                if (error) std::rethrow_exception(error);
            } catch (const std::exception& why) {
                self->tell(why);
            }
            self->connection_.cut();
            done();
        }));
}

void Http1Session::tell(const std::exception& why) const {
    const bool has_request = connection_.phase() == HttpPhase::handler || pieces_;
    log::error("A connection ended in an exception.",
               {{"listener", shard_.listener().settings.name},
                {"error", why.what()},
                {"request_id", has_request ? std::string_view(call_.request_id) : ""},
                {"trace_id", has_request ? std::string_view(call_.trace_id) : ""}});
}

asio::awaitable<void> Http1Session::run(std::optional<HttpRefusal> refusal) {
    // The handler sees its calls fail when it is cancelled; nothing throws on that account.
    co_await asio::this_coro::throw_if_cancelled(false);
    if (refusal) {
        refuse(*refusal);
    } else {
        co_await serve();
    }
    if (given_up_) co_return;
    co_await connection_.flush();
    co_await connection_.close(linger_);
}

asio::awaitable<void> Http1Session::serve() {
    enter_reading();
    for (bool goes_on = true; goes_on;) {
        connection_.consume(parser_.feed(connection_.input()));
        if (parser_.state() != HttpParser::State::refused && !hold_request()) {
            refuse({503, "requests_bytes", "The service holds as many bytes of requests as it may."});
            co_return;
        }
        switch (parser_.state()) {
            case HttpParser::State::complete: goes_on = co_await answer(); break;
            case HttpParser::State::refused: refuse(parser_.refusal()); co_return;
            case HttpParser::State::nothing:
            case HttpParser::State::header:
            case HttpParser::State::body: goes_on = co_await need_more(); break;
        }
    }
}

/// Counts what the request at hand occupies by now; false when all together would hold too much.
bool Http1Session::hold_request() {
    const auto bytes = parser_.bytes_held() + connection_.input_bytes_held();
    return held_.hold(bytes > http_bounds::request_bytes_free ? bytes : 0);
}

/// A small answer always has.
bool Http1Session::has_room_for(std::size_t body_bytes) {
    const auto unsent = connection_.output().size() + body_bytes;
    return given_up_ || unsent_.hold(unsent > http_bounds::answer_bytes_free ? unsent : 0) ||
           body_bytes <= http_bounds::answer_bytes_free;
}

/// Sends what is answered and waits for more bytes. False: the connection is to be closed.
asio::awaitable<bool> Http1Session::need_more() {
    if (parser_.take_expectation() && connection_.input().empty())
        connection_.output() += "HTTP/1.1 100 Continue\r\n\r\n";
    auto sent = connection_.push();  // Mostly the socket takes all of it: nothing has to wait.
    if (sent == HttpConnection::Sent::some) {
        const bool all = co_await connection_.flush();
        if (!all) sent = HttpConnection::Sent::broken;
    }
    if (sent == HttpConnection::Sent::broken) co_return false;
    unsent_.release();
    const bool between = parser_.state() == HttpParser::State::nothing;
    if (between && shard_.draining()) co_return false;
    auto arrival = HttpConnection::Arrival::interrupted;
    if (enter_reading()) arrival = co_await connection_.receive();
    if (arrival == HttpConnection::Arrival::interrupted && !between) refuse_late();
    co_return arrival == HttpConnection::Arrival::bytes;
}

/// The deadline of what is read next. A part keeps its deadline however its bytes come; false once it has passed, which
/// a client that never pauses would not let the sweep tell.
bool Http1Session::enter_reading() {
    const auto& timeouts = shard_.listener().settings.timeouts;
    const auto now = std::chrono::steady_clock::now();
    const auto enter = [this, now](HttpPhase phase, std::chrono::milliseconds limit) {
        if (connection_.phase() == phase) return now < connection_.deadline();
        connection_.wait_in(phase, now + limit);
        return true;
    };
    switch (parser_.state()) {
        case HttpParser::State::header: return enter(HttpPhase::header, timeouts.header);
        case HttpParser::State::body: return enter(HttpPhase::body, timeouts.body);
        default: return enter(HttpPhase::idle, timeouts.idle);
    }
}

/// Hands the complete request to the handler and puts its answer in the output. False: the connection is to be closed.
asio::awaitable<bool> Http1Session::answer() {
    const bool client_stays = parser_.keep_alive();
    auto request = parser_.take();
    request.remote = remote_;
    call_.started = std::chrono::steady_clock::now();
    request.deadline = call_.started + shard_.listener().settings.timeouts.request;
    connection_.wait_in(HttpPhase::handler, request.deadline);
    if (!connection_.output().empty()) push_when_handler_waits();

    auto response = co_await shard_.exchange().answer(call_, std::move(request), *this);
    held_.release();
    if (given_up_) co_return false;  // Whatever it is, nobody is there to read it.
    if (call_.expired) co_await asio::this_coro::reset_cancellation_state();
    // Of an answer without a length HTTP/1.0 has no other end.
    const bool is_endless = response.source && parser_.http_1_0();
    const bool stays = client_stays && !is_endless && !shard_.draining();
    if (!stays) linger_ = HttpConnection::Linger::yes;
    append_response(connection_.output(), shard_.exchange(), call_, response,
                    {.keep_alive = stays, .http_1_0 = parser_.http_1_0()});
    if (HttpExchange::has_pieces(call_, response)) co_return co_await send_pieces(std::move(response), stays);
    if (connection_.output().size() > http_bounds::output_bytes_max) {
        const bool sent = co_await connection_.flush();
        if (!sent) co_return false;
        unsent_.release();
    }
    co_return stays;
}

/// Behind the header, which is in the output.
asio::awaitable<bool> Http1Session::send_pieces(HttpResponse response, bool stays) {
    using Framing = Http1Pieces::Framing;
    const Http1Pieces::Session session{shard_, connection_, *this, held_, cancel_};
    pieces_ = std::make_unique<Http1Pieces>(session, std::move(response.source));
    if (shard_.draining()) pieces_->stop();
    const auto framing = parser_.http_1_0() ? Framing::until_close : Framing::chunked;
    const bool is_complete = co_await pieces_->send(call_, framing, shared_from_this());
    shard_.exchange().end(call_, response, pieces_->pieces());
    pieces_.reset();
    unsent_.release();
    if (!is_complete) {
        connection_.cut();  // In TLS, too, without a word that would make it look whole.
        co_return false;
    }
    if (shard_.draining()) linger_ = HttpConnection::Linger::yes;
    co_return stays && !shard_.draining();
}

/// Answers to pipelined requests wait for each other, but not for a handler that has to wait itself: this runs as soon
/// as the coroutine is suspended.
void Http1Session::push_when_handler_waits() {
    if (std::exchange(push_posted_, true)) return;
    asio::post(shard_.executor(), [self = shared_from_this()] {
        self->push_posted_ = false;
        if (self->connection_.phase() == HttpPhase::handler) self->connection_.push();
    });
}

void Http1Session::refuse_late() {
    shard_.listener().metrics.timed_out(connection_.phase());
    refuse({408, "timeout", "The request did not arrive in time."});
}

void Http1Session::refuse(const HttpRefusal& refusal) {
    call_.started = std::chrono::steady_clock::now();
    call_.remote = remote_;
    const auto response = shard_.exchange().refuse(call_, parser_.so_far(), refusal);
    append_response(connection_.output(), shard_.exchange(), call_, response, {.keep_alive = false});
    linger_ = HttpConnection::Linger::yes;
    connection_.consume(connection_.input().size());  // Nothing is kept for a client that lingers.
    parser_.drop();
    held_.release();
}

void Http1Session::sweep(TimePoint now) {
    if (given_up_ && now >= given_up_until_) return connection_.cut();
    if (pieces_) pieces_->sweep(now);
    if (const auto since = idle_since(); since && now >= *since + http_bounds::rest_before_trim) connection_.trim();
    if (given_up_ || now < connection_.deadline()) return;
    const auto phase = connection_.phase();
    if (phase != HttpPhase::handler) {
        const bool reading = phase == HttpPhase::header || phase == HttpPhase::body;
        if (!reading) shard_.listener().metrics.timed_out(phase);  // Of a request that is late its refusal tells.
        return connection_.interrupt();
    }
    if (call_.expired) return give_up();
    call_.expired = true;
    shard_.listener().metrics.timed_out(phase);
    cancel_.emit(asio::cancellation_type::terminal);
}

/// The handler did not come back from being cancelled: the client is answered without it, and the coroutine ends when
/// it does. Its client has a little time to read the answer; the descriptor must not wait for the handler.
void Http1Session::give_up() {
    given_up_ = true;
    given_up_until_ = std::chrono::steady_clock::now() + shard_.listener().settings.timeouts.linger;
    const auto response = shard_.exchange().give_up(call_);
    append_response(connection_.output(), shard_.exchange(), call_, response, {.keep_alive = false});
    connection_.finish();
}

void Http1Session::drain() {
    if (pieces_) pieces_->stop();
    if (connection_.phase() == HttpPhase::idle) connection_.interrupt();
}

std::optional<Http1Session::TimePoint> Http1Session::idle_since() const {
    if (connection_.phase() != HttpPhase::idle) return std::nullopt;
    return connection_.deadline() - shard_.listener().settings.timeouts.idle;
}

void Http1Session::cut() {
    given_up_ = true;
    if (pieces_) pieces_->cut();
    connection_.cut();
    cancel_.emit(asio::cancellation_type::terminal);
}

}  // namespace productd
