// What is left of an answer to be sent, and by when. Calls nobody.
#include "inbound/http/http2/http2_stream.hpp"

#include <algorithm>
#include <utility>

#include "inbound/http/http_bounds.hpp"
#include "inbound/http/http_fields.hpp"

namespace productd {

void Http2Stream::begin_answer(std::chrono::milliseconds time) {
    state = State::answered;
    deadline = pieces ? pieces->until : std::chrono::steady_clock::now() + time;
    if (call.method == "HEAD" || !has_body(response.status)) response.body.clear();
}

void Http2Stream::begin_piece(std::optional<std::string> piece, std::chrono::milliseconds time) {
    pieces->has_ended = !piece;
    response.body = std::move(piece).value_or(std::string());
    sent = sent_mark = 0;
    deadline = std::min(std::chrono::steady_clock::now() + time, pieces->until);
}

void Http2Stream::took(std::size_t bytes, std::chrono::milliseconds time) {
    sent += bytes;
    if (pieces) {
        pieces->all.sent(bytes);
        if (sent == response.body.size()) {
            // Its room is given back: the next may be long in coming.
            response.body = {};
            sent = sent_mark = 0;
            deadline = pieces->until;
            return pieces->taken.notify();
        }
    }
    if (sent - sent_mark < http_bounds::progress_bytes) return;
    sent_mark = sent;
    deadline = std::chrono::steady_clock::now() + time;
}

}  // namespace productd
