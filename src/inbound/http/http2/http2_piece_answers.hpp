// The answers in pieces of one HTTP/2 connection: each asks its source once the client has taken the piece before.
#pragma once

#include <memory>
#include <vector>

#include "inbound/http/http2/http2_frames.hpp"
#include "inbound/http/http_shard.hpp"

namespace productd {

/// What handlers and their answers need of the session, which owns them.
class Http2HandlerSession {
public:
    virtual ~Http2HandlerSession() = default;
    /// Keeps it, and with it what it owns, while a handler is at work.
    virtual std::shared_ptr<void> keep() = 0;
    virtual void send_soon() = 0;
};

class Http2PieceAnswers {
public:
    using StreamPtr = Http2Frames::StreamPtr;

    Http2PieceAnswers(HttpShard& shard, Http2Frames& frames, Http2HandlerSession& session)
        : shard_(shard), settings_(shard.listener().settings), frames_(frames), session_(session) {}

    /// Sends the answer, header and pieces, and ends the stream.
    asio::awaitable<void> send(StreamPtr stream);

    /// Each ends after one more piece, and soon; those that begin later, too.
    void stop();
    /// Of one that did not, resets the stream.
    void cut(Http2Stream& stream);
    /// Nobody takes more of it. Its coroutine still has to be cancelled.
    static void end(Http2Stream& stream, HttpPieces::End how);
    /// Again for sources that wait on though nobody wants more of them.
    void cancel_unwanted();

private:
    void stop(Http2Stream& stream);
    asio::awaitable<void> send_pieces(Http2Stream& stream);
    void finish(Http2Stream& stream);

    HttpShard& shard_;
    const HttpServerSettings& settings_;
    Http2Frames& frames_;
    Http2HandlerSession& session_;
    std::vector<StreamPtr> streams_;
    bool is_stopping_ = false;
};

}  // namespace productd
