// Two coroutines of one connection: one asks and writes, one reads. Calls HttpPieces and HttpConnection.
#include "inbound/http/http1/http1_pieces.hpp"

#include <boost/asio/co_spawn.hpp>
#include <exception>
#include <utility>

#include "inbound/http/http1/http_writer.hpp"
#include "inbound/http/http_bounds.hpp"

namespace productd {

asio::awaitable<bool> Http1Pieces::send(const HttpCall& call, Framing framing, std::shared_ptr<void> keep) {
    is_watching_ = true;
    asio::co_spawn(session_.shard.executor(), watch(), [this, keep = std::move(keep)](const std::exception_ptr& error) {
        is_watching_ = false;
        if (error) leave(HttpPieces::End::gone);
        watch_ended_.notify();
    });
    bool goes_on = co_await flush();
    while (goes_on) {
        asked_ = std::chrono::steady_clock::now();
        auto piece = co_await pieces_.next(call);
        const auto bytes = piece ? piece->size() : 0;
        goes_on = piece && append(*piece, framing);
        piece.reset();
        if (goes_on) goes_on = co_await flush();
        if (goes_on) pieces_.sent(bytes);
    }
    pieces_.drop();
    if (pieces_.is_complete() && framing == Framing::chunked) append_last_chunk(session_.connection.output());
    is_over_ = true;
    session_.connection.interrupt();
    while (is_watching_) co_await watch_ended_.wait();
    co_return pieces_.is_complete();
}

/// What comes is kept for when the answer has ended, within a bound. Behind that nothing is read, and a client that
/// goes is noticed by the next piece only.
asio::awaitable<void> Http1Pieces::watch() {
    while (!is_over_ && has_room_for_input()) {
        const auto arrival = co_await session_.connection.receive();
        if (arrival == HttpConnection::Arrival::closed) co_return leave(HttpPieces::End::gone);
    }
}

bool Http1Pieces::has_room_for_input() {
    const auto bytes = session_.connection.input_bytes_held();
    return session_.connection.input().size() < http_bounds::request_bytes_free &&
           session_.held.hold(bytes > http_bounds::request_bytes_free ? bytes : 0);
}

bool Http1Pieces::append(std::string_view piece, Framing framing) {
    if (!session_.room.has_room_for(piece.size())) {
        session_.shard.listener().metrics.rejected("answers_bytes");
        pieces_.end(HttpPieces::End::no_room);
        return false;
    }
    if (framing == Framing::chunked) {
        append_chunk(session_.connection.output(), piece);
    } else {
        session_.connection.output() += piece;
    }
    return true;
}

asio::awaitable<bool> Http1Pieces::flush() {
    auto& connection = session_.connection;
    connection.wait_in(HttpPhase::pieces, TimePoint::max());
    const bool sent = co_await connection.flush();
    if (!sent) {
        const bool is_late =
            connection.phase() == HttpPhase::write && std::chrono::steady_clock::now() >= connection.deadline();
        pieces_.end(is_late ? HttpPieces::End::slow : HttpPieces::End::gone);
    }
    connection.wait_in(HttpPhase::pieces, TimePoint::max());
    static_cast<void>(session_.room.has_room_for(0));  // Less is never refused.
    co_return sent;
}

void Http1Pieces::cancel() {
    if (pieces_.is_asked()) session_.cancel.emit(asio::cancellation_type::terminal);
}

void Http1Pieces::give_it(std::chrono::milliseconds time) { until_ = std::chrono::steady_clock::now() + time; }

void Http1Pieces::leave(HttpPieces::End how) {
    pieces_.end(how);
    if (is_over_) return;
    give_it(session_.shard.listener().settings.timeouts.linger);
    if (!pieces_.is_asked()) session_.connection.interrupt();
    cancel();
}

void Http1Pieces::stop() {
    if (pieces_.is_stopping()) return;
    pieces_.stop();
    give_it(session_.shard.listener().settings.timeouts.linger);
    cancel();
}

void Http1Pieces::cut() { pieces_.end(HttpPieces::End::cut); }

void Http1Pieces::sweep(TimePoint now) {
    if (is_over_) return;
    if (pieces_.is_asked() && now >= asked_ + http_bounds::rest_before_trim) session_.connection.trim();
    if (pieces_.is_unwanted()) cancel();
    if (now < until_) return;
    until_ = TimePoint::max();
    cut();
    session_.connection.cut();
}

}  // namespace productd
