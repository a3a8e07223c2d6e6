// One answer of pieces over a connection of HTTP/1.x, which meanwhile is read: it is the only way to learn that the
// client has gone.
#pragma once

#include <boost/asio/cancellation_signal.hpp>
#include <chrono>
#include <memory>
#include <string_view>

#include "async/byte_budget.hpp"
#include "async/signal.hpp"
#include "inbound/http/http_connection.hpp"
#include "inbound/http/http_exchange.hpp"
#include "inbound/http/http_pieces.hpp"
#include "inbound/http/http_shard.hpp"

namespace productd {

class Http1Pieces {
public:
    using TimePoint = std::chrono::steady_clock::time_point;

    /// What it uses of its session.
    struct Session {
        HttpShard& shard;
        HttpConnection& connection;
        HttpAnswerRoom& room;
        ByteBudget::Share& held;            ///< Of what the client sends meanwhile.
        asio::cancellation_signal& cancel;  ///< Of the coroutine that calls send().
    };
    Http1Pieces(const Session& session, std::shared_ptr<HttpBodySource> source)
        : session_(session), pieces_(std::move(source)), watch_ended_(session.shard.executor()) {}

    enum class Framing { chunked, until_close };
    /// Sends what is in the connection's output, which is the header, then all pieces. False: the connection is to be
    /// closed. `keep` is the session, which this lives in. Call once.
    asio::awaitable<bool> send(const HttpCall& call, Framing framing, std::shared_ptr<void> keep);
    const HttpPieces& pieces() const { return pieces_; }

    /// Ends after one more piece, and soon.
    void stop();
    /// The connection is being cut.
    void cut();
    void sweep(TimePoint now);

private:
    asio::awaitable<void> watch();
    bool has_room_for_input();
    bool append(std::string_view piece, Framing framing);
    asio::awaitable<bool> flush();
    void leave(HttpPieces::End how);
    void give_it(std::chrono::milliseconds time);
    void cancel();

    Session session_;
    HttpPieces pieces_;
    Signal watch_ended_;
    TimePoint until_ = TimePoint::max();  ///< Then it is cut.
    TimePoint asked_{};                   ///< When the source was asked last.
    bool is_watching_ = false;
    bool is_over_ = false;
};

}  // namespace productd
