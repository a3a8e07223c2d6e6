// The first part of every connection: the TLS handshake, and with it which version of HTTP follows.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <exception>
#include <functional>
#include <memory>
#include <string>

#include "inbound/http/http_connection.hpp"
#include "inbound/http/http_shard.hpp"

namespace productd {

class HttpHandshake final : public HttpPeer, public std::enable_shared_from_this<HttpHandshake> {
public:
    HttpHandshake(HttpConnection::Socket socket, std::string remote, HttpShard& shard);

    /// Serves the connection until it ends: after the handshake by a session of the version that the client chose,
    /// which takes this one's place in the shard. `done` is called in the end, whatever it was, on the shard's
    /// executor.
    void start(std::function<void()> done);

    void sweep(std::chrono::steady_clock::time_point now) override;
    void drain() override { cut(); }
    void cut() override;
    std::optional<std::chrono::steady_clock::time_point> idle_since() const override;

private:
    asio::awaitable<HttpConnection::Handshake> run();
    void tell_failure() const;
    void go_on(HttpConnection::Handshake outcome, HttpShard::Place place, std::function<void()> ended);

    HttpShard& shard_;
    std::string remote_;
    std::unique_ptr<HttpConnection> connection_;  ///< Null once a session has it.
};

}  // namespace productd
