// One HTTP/2 connection: its bytes in and out, and every way it can end.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "inbound/http/http2/http2_frames.hpp"
#include "inbound/http/http2/http2_handlers.hpp"
#include "inbound/http/http_connection.hpp"
#include "inbound/http/http_shard.hpp"

namespace productd {

class Http2Session final : public HttpPeer,
                           private Http2Frames::Owner,
                           private Http2Handlers::Session,
                           public std::enable_shared_from_this<Http2Session> {
public:
    /// `connection` is past its handshake.
    Http2Session(std::unique_ptr<HttpConnection> connection, std::string remote, HttpShard& shard);

    /// Serves the connection until it ends. `done` is called then, whatever ended it, on the shard's executor.
    void start(std::function<void()> done);

    void sweep(std::chrono::steady_clock::time_point now) override;
    void drain() override;
    void cut() override;
    std::optional<std::chrono::steady_clock::time_point> idle_since() const override;

private:
    using TimePoint = std::chrono::steady_clock::time_point;
    using StreamPtr = Http2Frames::StreamPtr;

    void arrived(const StreamPtr& stream) override;
    void closed(const StreamPtr& stream) override { handlers_.abandon(stream); }
    void rejected(std::string_view reason) override;
    std::shared_ptr<void> keep() override { return shared_from_this(); }
    void send_soon() override;

    asio::awaitable<void> run();
    asio::awaitable<void> serve();
    asio::awaitable<bool> send_all();
    void send_now();
    bool is_idle() const { return frames_.streams().empty(); }
    void rest();
    void end(HttpPhase phase);

    HttpShard& shard_;
    const HttpServerSettings& settings_;
    const std::unique_ptr<HttpConnection> connection_;
    Http2Frames frames_;
    Http2Handlers handlers_;
    TimePoint idle_deadline_ = TimePoint::max();
    TimePoint drain_deadline_ = TimePoint::max();
    /// The last frames must not be lost to a reset of what is unread.
    HttpConnection::Linger linger_ = HttpConnection::Linger::yes;
    bool is_draining_ = false;
    bool is_receiving_ = false;
    bool is_send_posted_ = false;
    bool has_ended_ = false;  ///< What arrives or comes from handlers goes nowhere.
};

}  // namespace productd
