// One HTTP/1.x connection: turns bytes into HttpRequests and HttpResponses into bytes, one after the other.
#pragma once

#include <boost/asio/cancellation_signal.hpp>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "async/byte_budget.hpp"
#include "inbound/http/http1/http1_pieces.hpp"
#include "inbound/http/http1/http_parser.hpp"
#include "inbound/http/http_connection.hpp"
#include "inbound/http/http_refusal.hpp"
#include "inbound/http/http_shard.hpp"

namespace productd {

class Http1Session final : public HttpPeer, private HttpAnswerRoom, public std::enable_shared_from_this<Http1Session> {
public:
    /// `connection` is past its handshake.
    Http1Session(std::unique_ptr<HttpConnection> connection, std::string remote, HttpShard& shard);

    /// Serves the connection until it ends, or only tells the client of `refusal`. `done` is called in the end,
    /// whatever it was, on the shard's executor.
    void start(std::optional<HttpRefusal> refusal, std::function<void()> done);

    void sweep(std::chrono::steady_clock::time_point now) override;
    void drain() override;
    void cut() override;
    std::optional<std::chrono::steady_clock::time_point> idle_since() const override;

private:
    using TimePoint = std::chrono::steady_clock::time_point;

    asio::awaitable<void> run(std::optional<HttpRefusal> refusal);
    asio::awaitable<void> serve();
    asio::awaitable<bool> need_more();
    asio::awaitable<bool> answer();
    bool hold_request();
    bool has_room_for(std::size_t body_bytes) override;
    void refuse(const HttpRefusal& refusal);
    void refuse_late();
    asio::awaitable<bool> send_pieces(HttpResponse response, bool stays);
    void push_when_handler_waits();
    bool enter_reading();
    void give_up();
    void tell(const std::exception& why) const;

    HttpShard& shard_;
    const std::string remote_;
    const std::unique_ptr<HttpConnection> owned_;
    HttpConnection& connection_ = *owned_;
    HttpParser parser_;
    HttpCall call_;
    ByteBudget::Share held_;    ///< Of the request at hand.
    ByteBudget::Share unsent_;  ///< Of answers.
    asio::cancellation_signal cancel_;
    HttpConnection::Linger linger_ = HttpConnection::Linger::no;
    bool given_up_ = false;       ///< Answered or cut off while the handler is still at work.
    TimePoint given_up_until_{};  ///< Then its descriptor goes, too.
    bool push_posted_ = false;
    std::unique_ptr<Http1Pieces> pieces_;  ///< While an answer is made of them.
};

}  // namespace productd
