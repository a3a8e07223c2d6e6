// Runs handlers through HttpExchange and hands their answers to Http2Frames.
#include "inbound/http/http2/http2_handlers.hpp"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/post.hpp>
#include <utility>
#include <vector>

#include "telemetry/log.hpp"

namespace productd {

namespace {

// While a client leaves so much of its answers unread, its further requests wait: a slow reader holds no memory.
constexpr std::size_t unsent_bytes_max = 1024 * 1024;

}  // namespace

Http2Handlers::Http2Handlers(HttpShard& shard, std::string remote, std::string_view client, Http2Frames& frames,
                             Session& session)
    : shard_(shard),
      settings_(shard.listener().settings),
      remote_(std::move(remote)),
      client_(client),
      frames_(frames),
      session_(session),
      pieces_(shard, frames, session),
      one_ended_(shard.executor()) {}

void Http2Handlers::arrived(const StreamPtr& stream) {
    stream->request.remote = remote_;
    stream->call.client = client_;
    stream->call.started = std::chrono::steady_clock::now();
    if (stream->refusal) return refuse(*stream);
    stream->deadline = stream->call.started + settings_.timeouts.request;
    stream->request.deadline = stream->deadline;
    if (running_ >= settings_.limits.streams_max) {
        // Their streams were reset, but they are still at work.
        shard_.listener().metrics.rejected("http2_streams");
        return frames_.reset(*stream, NGHTTP2_REFUSED_STREAM);
    }
    waiting_.push_back(stream);
    begin();
}

void Http2Handlers::begin() {
    while (!waiting_.empty() && frames_.unsent().bytes() < unsent_bytes_max && !is_over_) {
        const auto stream = std::move(waiting_.front());
        waiting_.pop_front();
        if (!stream->is_closed && stream->state == Http2Stream::State::waiting) start(stream);
    }
}

void Http2Handlers::start(const StreamPtr& stream) {
    stream->state = Http2Stream::State::handler;
    asio::co_spawn(shard_.executor(), handle(stream),
                   asio::bind_cancellation_slot(
                       stream->cancel.slot(), [this, keep = session_.keep(), stream](const std::exception_ptr& error) {
                           ended(*stream, error);
                       }));
}

asio::awaitable<void> Http2Handlers::handle(StreamPtr stream) {
    // The handler sees its calls fail when it is cancelled; nothing throws on that account.
    co_await asio::this_coro::throw_if_cancelled(false);
    // Until it returns, and not until its end is told: that is posted, and more requests may come before.
    struct Running {
        explicit Running(std::size_t& of) : count(of) { ++count; }
        ~Running() { --count; }
        std::size_t& count;
    } const running(running_);
    struct Room : HttpAnswerRoom {
        Room(Http2Frames& in, Http2Stream& of) : frames(in), stream(of) {}
        bool has_room_for(std::size_t body_bytes) override {
            return stream.given_up || frames.unsent().has_room_for(body_bytes);
        }
        Http2Frames& frames;
        Http2Stream& stream;
    } room(frames_, *stream);
    auto response = co_await shard_.exchange().answer(stream->call, std::move(stream->request), room);
    if (stream->given_up) co_return;  // Whatever it is, nobody is there to read it.
    stream->response = std::move(response);
    frames_.release(*stream);
    if (HttpExchange::has_pieces(stream->call, stream->response)) co_return co_await pieces_.send(stream);
    send(*stream);
}

void Http2Handlers::ended(Http2Stream& stream, const std::exception_ptr& error) {
    try {
        if (error) std::rethrow_exception(error);
    } catch (const std::exception& why) {
        log::error("A request ended in an exception.", {{"listener", settings_.name},
                                                        {"error", why.what()},
                                                        {"request_id", stream.call.request_id},
                                                        {"trace_id", stream.call.trace_id}});
        frames_.reset(stream, NGHTTP2_INTERNAL_ERROR);
        session_.send_soon();
    }
    frames_.release(stream);
    one_ended_.notify();
}

void Http2Handlers::refuse(Http2Stream& stream) {
    stream.call.remote = remote_;
    stream.call.client = client_;
    stream.response = shard_.exchange().refuse(stream.call, stream.request, *stream.refusal);
    stream.request = {};
    frames_.release(stream);
    send(stream);
}

/// The handler did not come back from being cancelled: the client is answered without it.
void Http2Handlers::give_up(Http2Stream& stream) {
    stream.given_up = true;
    stream.response = shard_.exchange().give_up(stream.call);
    send(stream);
}

void Http2Handlers::send(Http2Stream& stream) {
    if (stream.is_closed || is_over_) return;
    frames_.answer(stream, Http2Fields(shard_.exchange(), stream.call, stream.response));
    session_.send_soon();
}

void Http2Handlers::abandon(const StreamPtr& stream) {
    if (stream->state == Http2Stream::State::waiting) std::erase(waiting_, stream);
    if (stream->pieces) {
        Http2PieceAnswers::end(*stream, HttpPieces::End::gone);
    } else if (stream->state != Http2Stream::State::handler) {
        return;
    }
    stream->call.abandoned = true;
    // Not from within nghttp2.
    asio::post(shard_.executor(),
               [keep = session_.keep(), stream] { stream->cancel.emit(asio::cancellation_type::terminal); });
}

void Http2Handlers::cancel_all() {
    is_over_ = true;
    waiting_.clear();
    for (const auto& [id, stream] : frames_.streams()) abandon(stream);
}

asio::awaitable<void> Http2Handlers::wait() {
    while (running_ > 0) co_await one_ended_.wait();
}

void Http2Handlers::sweep(TimePoint now, Reading reading) {
    std::vector<StreamPtr> late;
    for (const auto& [id, stream] : frames_.streams()) {
        const bool may_be_unread = stream->state == Http2Stream::State::body && reading == Reading::no;
        if (now >= stream->deadline && !may_be_unread) late.push_back(stream);
    }
    for (const auto& stream : late) sweep_stream(*stream, now);
}

void Http2Handlers::sweep_stream(Http2Stream& stream, TimePoint now) {
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
        case Http2Stream::State::lingering:
            stream.deadline = TimePoint::max();
            frames_.reset(stream, NGHTTP2_NO_ERROR);  // It may stop sending (RFC 9113 section 8.1).
            return session_.send_soon();
        case Http2Stream::State::answered:
            if (stream.pieces && now >= stream.pieces->until) return pieces_.cut(stream);
            // One whose turn has not come among the others is not late by its client's doing.
            if (!frames_.waits_for_window(stream)) {
                stream.deadline = now + settings_.timeouts.write;
                return;
            }
            stream.deadline = TimePoint::max();
            metrics.timed_out(HttpPhase::write);
            if (stream.pieces) Http2PieceAnswers::end(stream, HttpPieces::End::slow);
            frames_.reset(stream, NGHTTP2_CANCEL);
            return session_.send_soon();
    }
}

}  // namespace productd
