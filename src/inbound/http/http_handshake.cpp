// Ends in a session of HTTP/1.1 or HTTP/2, or in nothing. Calls HttpConnection.
#include "inbound/http/http_handshake.hpp"

#include <boost/asio/co_spawn.hpp>
#include <utility>

#include "inbound/http/http1/http1_session.hpp"
#include "inbound/http/http2/http2_session.hpp"
#include "telemetry/log.hpp"

namespace productd {

namespace {

TlsContext::Snapshot tls_of(const HttpListener& listener) {
    return listener.settings.tls ? listener.settings.tls->current() : nullptr;
}

}  // namespace

HttpHandshake::HttpHandshake(HttpConnection::Socket socket, std::string remote, HttpShard& shard)
    : shard_(shard),
      remote_(std::move(remote)),
      connection_(std::make_unique<HttpConnection>(std::move(socket), tls_of(shard.listener()),
                                                   shard.listener().settings.timeouts)) {}

void HttpHandshake::start(std::function<void()> done) {
    const auto place = shard_.add(shared_from_this());
    auto ended = [&shard = shard_, place, done = std::move(done)] {
        shard.remove(place);
        done();
    };
    asio::co_spawn(shard_.executor(), run(),
                   [self = shared_from_this(), place, ended = std::move(ended)](const std::exception_ptr& error,
                                                                                HttpConnection::Handshake outcome) {
                       try {
                           if (error) std::rethrow_exception(error);
                           self->go_on(outcome, place, ended);
                       } catch (const std::exception& why) {
                           log::error("A connection ended in an exception.",
                                      {{"listener", self->shard_.listener().settings.name}, {"error", why.what()}});
                           self->cut();
                           ended();
                       }
                   });
}

asio::awaitable<HttpConnection::Handshake> HttpHandshake::run() {
    const auto outcome = co_await connection_->handshake();
    switch (outcome) {
        case HttpConnection::Handshake::done: break;
        case HttpConnection::Handshake::not_tls: shard_.listener().metrics.handshake_failed(); break;
        case HttpConnection::Handshake::left: co_await connection_->close(HttpConnection::Linger::no); break;
        case HttpConnection::Handshake::failed:
            shard_.listener().metrics.handshake_failed();
            tell_failure();
            co_await connection_
                ->flush();  // The alert that says why. A client that has sent a request gets to read it.
            co_await connection_->close(HttpConnection::Linger::yes);
    }
    co_return outcome;
}

void HttpHandshake::tell_failure() const {
    const auto why = connection_->handshake_failure();
    log::info("A TLS handshake failed",
              {{"listener", shard_.listener().settings.name},
               {"error", why.empty() ? std::string_view("the client went away, or took too long") : why},
               {"remote", remote_}});
}

void HttpHandshake::go_on(HttpConnection::Handshake outcome, HttpShard::Place place, std::function<void()> ended) {
    if (outcome == HttpConnection::Handshake::left || outcome == HttpConnection::Handshake::failed) return ended();
    if (connection_->protocol() == "h2") {
        const auto session = std::make_shared<Http2Session>(std::move(connection_), std::move(remote_), shard_);
        *place = session;
        return session->start(std::move(ended));
    }
    std::optional<HttpRefusal> refusal;
    if (outcome == HttpConnection::Handshake::not_tls) {
        refusal = HttpRefusal{400, "malformed", "This port speaks HTTPS: use https:// in the URL."};
    }
    const auto session = std::make_shared<Http1Session>(std::move(connection_), std::move(remote_), shard_);
    *place = session;
    session->start(std::move(refusal), std::move(ended));
}

void HttpHandshake::sweep(std::chrono::steady_clock::time_point now) {
    if (!connection_ || now < connection_->deadline()) return;
    shard_.listener().metrics.timed_out(connection_->phase());
    connection_->interrupt();
}

void HttpHandshake::cut() {
    if (connection_) connection_->cut();
}

std::optional<std::chrono::steady_clock::time_point> HttpHandshake::idle_since() const {
    if (!connection_ || connection_->phase() != HttpPhase::handshake) return std::nullopt;
    return connection_->deadline() - shard_.listener().settings.timeouts.handshake;
}

}  // namespace productd
