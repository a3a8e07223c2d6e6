// Between a source and nghttp2. Calls HttpPieces and Http2Frames.
#include "inbound/http/http2/http2_piece_answers.hpp"

#include <boost/asio/this_coro.hpp>
#include <utility>

#include "inbound/http/http2/http2_fields.hpp"

namespace productd {

asio::awaitable<void> Http2PieceAnswers::send(StreamPtr stream) {
    co_await asio::this_coro::reset_cancellation_state();  // The handler may have met its deadline.
    stream->pieces = std::make_unique<Http2Pieces>(stream->response.source, shard_.executor());
    if (stream->is_closed) end(*stream, HttpPieces::End::gone);
    streams_.push_back(stream);
    if (is_stopping_) stop(*stream);
    frames_.answer(*stream, Http2Fields(shard_.exchange(), stream->call, stream->response));
    session_.send_soon();
    stream->response.source.reset();
    co_await send_pieces(*stream);
    finish(*stream);
}

asio::awaitable<void> Http2PieceAnswers::send_pieces(Http2Stream& stream) {
    auto& pieces = stream.pieces->all;
    for (;;) {
        auto piece = co_await pieces.next(stream.call);
        if (!piece) co_return;
        if (!frames_.unsent().has_room_for(piece->size())) {
            shard_.listener().metrics.rejected("answers_bytes");
            co_return pieces.end(HttpPieces::End::no_room);
        }
        frames_.give(stream, std::move(piece));
        session_.send_soon();
        while (!pieces.end() && !stream.response.body.empty()) co_await stream.pieces->taken.wait();
    }
}

void Http2PieceAnswers::finish(Http2Stream& stream) {
    auto& pieces = stream.pieces->all;
    pieces.drop();
    std::erase_if(streams_, [&stream](const auto& each) { return each.get() == &stream; });
    shard_.exchange().end(stream.call, stream.response, pieces);
    if (stream.is_closed || pieces.end() == HttpPieces::End::gone) return;
    if (pieces.is_complete()) {
        frames_.give(stream, std::nullopt);
    } else {
        frames_.reset(stream, pieces.end() == HttpPieces::End::failed ? NGHTTP2_INTERNAL_ERROR : NGHTTP2_CANCEL);
    }
    session_.send_soon();
}

void Http2PieceAnswers::stop(Http2Stream& stream) {
    stream.pieces->all.stop();
    stream.pieces->until = std::chrono::steady_clock::now() + settings_.timeouts.linger;
    stream.deadline = stream.pieces->until;
    if (stream.pieces->all.is_asked()) stream.cancel.emit(asio::cancellation_type::terminal);
}

void Http2PieceAnswers::stop() {
    is_stopping_ = true;
    for (const auto& stream : streams_) stop(*stream);
}

void Http2PieceAnswers::cut(Http2Stream& stream) {
    end(stream, HttpPieces::End::cut);
    stream.deadline = Http2Frames::TimePoint::max();
    frames_.reset(stream, NGHTTP2_CANCEL);
    session_.send_soon();
}

void Http2PieceAnswers::end(Http2Stream& stream, HttpPieces::End how) {
    stream.pieces->all.end(how);
    stream.pieces->taken.notify();
}

void Http2PieceAnswers::cancel_unwanted() {
    for (const auto& stream : streams_) {
        const auto& pieces = stream->pieces->all;
        if (pieces.is_asked() && pieces.is_unwanted()) stream->cancel.emit(asio::cancellation_type::terminal);
    }
}

}  // namespace productd
