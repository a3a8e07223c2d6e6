// One request of an HTTP/2 connection with its answer.
#pragma once

#include <boost/asio/cancellation_signal.hpp>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>

#include "inbound/http/http2/http2_pieces.hpp"
#include "inbound/http/http_exchange.hpp"
#include "inbound/http/http_refusal.hpp"
#include "inbound/http/message/http_message.hpp"

namespace productd {

struct Http2Stream {
    enum class State {
        header,     ///< Its header is on its way.
        body,       ///< Its body is.
        waiting,    ///< Complete; its handler has not begun.
        handler,    ///< At work.
        answered,   ///< The answer is being sent.
        lingering,  ///< It was sent before all of the request had come.
    };

    Http2Stream(std::int32_t stream_id, std::chrono::steady_clock::time_point until) : id(stream_id), deadline(until) {
        call.protocol = "2";
    }

    /// The answer is there: its client has `time` to take it, if there is anything to take.
    void begin_answer(std::chrono::milliseconds time);
    /// The next piece is, or the end of the pieces.
    void begin_piece(std::optional<std::string> piece, std::chrono::milliseconds time);
    /// So much more of the body was framed. A reader that takes enough of it has `time` again for the next.
    void took(std::size_t bytes, std::chrono::milliseconds time);

    const std::int32_t id;
    State state = State::header;
    std::chrono::steady_clock::time_point deadline;  ///< Of the state.
    HttpRequest request;
    std::optional<HttpRefusal> refusal;  ///< Why it goes to no handler.
    std::size_t header_bytes = 0;        ///< As SETTINGS_MAX_HEADER_LIST_SIZE counts (RFC 9113 section 6.5.2).
    std::size_t framed_bytes = 0;        ///< Of the body, with its frames' headers and padding.
    std::size_t held_bytes = 0;          ///< What the request occupies.
    bool is_trailer = false;             ///< The header on its way stands behind the body.
    bool is_whole = false;               ///< All of the request was read.
    bool is_closed = false;              ///< By either side: nothing can be sent any more.

    HttpCall call;
    boost::asio::cancellation_signal cancel;  ///< Of its handler.
    bool given_up = false;                    ///< Answered for, its handler being still at work.

    HttpResponse response;
    std::size_t sent = 0;                 ///< Of the body.
    std::size_t sent_mark = 0;            ///< How much of it when the deadline was set.
    std::unique_ptr<Http2Pieces> pieces;  ///< Null: the body is all there is.
};

}  // namespace productd
