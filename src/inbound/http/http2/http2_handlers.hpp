// The handlers of one HTTP/2 connection, side by side: when they begin, and what becomes of those whose time or client
// is gone.
#pragma once

#include <chrono>
#include <cstddef>
#include <deque>
#include <exception>
#include <memory>
#include <string>
#include <string_view>

#include "async/async.hpp"
#include "inbound/http/http2/http2_frames.hpp"
#include "inbound/http/http2/http2_piece_answers.hpp"
#include "inbound/http/http_shard.hpp"

namespace productd {

class Http2Handlers {
public:
    using TimePoint = std::chrono::steady_clock::time_point;
    using StreamPtr = Http2Frames::StreamPtr;

    using Session = Http2HandlerSession;

    Http2Handlers(HttpShard& shard, std::string remote, std::string_view client, Http2Frames& frames, Session& session);

    /// Handles the request, now or once its client has read what it asked for before; answers one that is refused.
    void arrived(const StreamPtr& stream);
    /// Begins those that wait, as far as there is room.
    void begin();
    /// Nobody waits for what its handler is doing.
    void abandon(const StreamPtr& stream);
    Http2PieceAnswers& pieces() { return pieces_; }
    /// Ends what is overdue. While nothing is read, no request is late.
    enum class Reading { no, yes };
    void sweep(TimePoint now, Reading reading);

    /// Cancels all; nothing begins any more.
    void cancel_all();
    /// Waits for those at work, of streams that ended too. After cancel_all().
    asio::awaitable<void> wait();

private:
    void start(const StreamPtr& stream);
    asio::awaitable<void> handle(StreamPtr stream);
    void ended(Http2Stream& stream, const std::exception_ptr& error);
    void refuse(Http2Stream& stream);
    void give_up(Http2Stream& stream);
    void send(Http2Stream& stream);
    void sweep_stream(Http2Stream& stream, TimePoint now);

    HttpShard& shard_;
    const HttpServerSettings& settings_;
    const std::string remote_;
    const std::string_view client_;  ///< Of the connection.
    Http2Frames& frames_;
    Session& session_;
    Http2PieceAnswers pieces_;
    std::deque<StreamPtr> waiting_;  ///< For answers to be read by their client.
    std::size_t running_ = 0;
    Signal one_ended_;
    bool is_over_ = false;
};

}  // namespace productd
