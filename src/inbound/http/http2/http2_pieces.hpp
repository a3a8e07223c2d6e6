// What a stream of HTTP/2 has beside others, whose answer comes in pieces. The piece at hand is its response's body.
#pragma once

#include <chrono>
#include <memory>
#include <utility>

#include "async/signal.hpp"
#include "inbound/http/http_pieces.hpp"

namespace productd {

struct Http2Pieces {
    using TimePoint = std::chrono::steady_clock::time_point;

    Http2Pieces(std::shared_ptr<HttpBodySource> source, const asio::any_io_executor& executor)
        : all(std::move(source)), taken(executor) {}

    HttpPieces all;
    Signal taken;                        ///< All of the piece was framed.
    bool has_ended = false;              ///< No piece follows: the stream's end is to be sent.
    TimePoint until = TimePoint::max();  ///< Then it is cut.
};

}  // namespace productd
