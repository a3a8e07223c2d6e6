// A socket with or without TLS, as plain bytes in and out, and the one thing it waits for with its deadline.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/generic/stream_protocol.hpp>
#include <chrono>
#include <cstddef>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "inbound/http/http_settings.hpp"
#include "inbound/tls/tls_channel.hpp"

namespace productd {

namespace asio = boost::asio;

/// What a connection waits for; the label of its timeout.
enum class HttpPhase { handshake, idle, header, body, handler, pieces, write, linger };

constexpr const char* name(HttpPhase phase) {
    switch (phase) {
        case HttpPhase::handshake: return "handshake";
        case HttpPhase::idle: return "idle";
        case HttpPhase::header: return "header";
        case HttpPhase::body: return "body";
        case HttpPhase::handler: return "request";
        case HttpPhase::pieces: return "pieces";
        case HttpPhase::write: return "write";
        case HttpPhase::linger: return "linger";
    }
    std::unreachable();
}

/// All methods are called on the socket's executor. Coroutines of a connection run one at a time.
class HttpConnection {
public:
    using Socket = asio::generic::stream_protocol::socket;
    using TimePoint = std::chrono::steady_clock::time_point;

    /// `tls` null: plain bytes.
    HttpConnection(Socket socket, TlsContext::Snapshot tls, const HttpTimeouts& timeouts);

    enum class Handshake { done, failed, not_tls, left };
    /// `left` is who went away without a word, as health checks do. After `not_tls` the connection goes on in plain
    /// text, for the one answer that says so.
    asio::awaitable<Handshake> handshake();
    /// What the client chose of the protocols of TlsContext: `h2`; empty without TLS and for one that named none.
    /// Why the handshake failed; empty where the client went away or took too long.
    std::string_view handshake_failure() const { return tls_ ? std::string_view(tls_->failure_text()) : ""; }
    /// Of the client's certificate; empty where none was shown.
    const std::string& client() const { return client_; }
    std::string_view protocol() const { return tls_ ? tls_->protocol() : std::string_view{}; }

    enum class Arrival { bytes, closed, interrupted };
    /// Waits for more bytes of the client, behind input().
    asio::awaitable<Arrival> receive();
    std::string_view input() const { return std::string_view(input_).substr(input_used_); }
    void consume(std::size_t bytes);
    /// What input() occupies.
    std::size_t input_bytes_held() const { return input_.empty() ? 0 : input_.capacity(); }

    /// What is to be sent; append to it.
    std::string& output() { return output_; }
    enum class Sent { all, some, broken };
    /// Sends what the socket takes at once.
    Sent push();
    /// Sends all of it; false when the client is gone or reads too slowly.
    asio::awaitable<bool> flush();

    enum class Linger { no, yes };
    /// Sends what is left and ends the connection. `yes` reads on for a while, because closing on unread bytes makes
    /// the client's system throw our last answer away.
    asio::awaitable<void> close(Linger linger);
    /// Sends what the socket takes at once and says that nothing follows.
    void finish();
    /// Ends it now; whatever waits ends too.
    void cut();

    void wait_in(HttpPhase phase, TimePoint deadline) {
        phase_ = phase;
        deadline_ = deadline;
    }
    HttpPhase phase() const { return phase_; }
    TimePoint deadline() const { return deadline_; }
    /// Gives back the room of empty buffers, of a connection that has rested.
    void trim();
    /// Ends the wait for the socket: receive() returns `interrupted`, flush() false.
    void interrupt();

private:
    static std::span<char> received();
    asio::awaitable<std::size_t> read_some(boost::system::error_code& error);
    bool take(std::size_t size);
    bool encrypt();
    asio::awaitable<void> drain();

    Socket socket_;
    std::optional<TlsChannel> tls_;
    std::string client_;
    const HttpTimeouts& timeouts_;
    HttpPhase phase_ = HttpPhase::handshake;
    TimePoint deadline_ = TimePoint::max();
    std::string input_;
    std::size_t input_used_ = 0;
    std::string output_;
    std::size_t output_used_ = 0;  ///< Encrypted already, or without TLS sent already.
    std::size_t wire_sent_ = 0;
    std::size_t sent_bytes_ = 0;
    bool interrupted_ = false;
    bool peer_closed_ = false;
    bool broken_ = false;
};

}  // namespace productd
