// What happens with each frame, and what each bound does when it is met. Calls nghttp2.
#include "inbound/http/http2/http2_frames.hpp"

#include <algorithm>
#include <array>
#include <new>
#include <utility>

#include "inbound/http/http2/http2_callbacks.hpp"
#include "inbound/http/http2/http2_request.hpp"
#include "inbound/http/http_bounds.hpp"

namespace productd {

namespace {

constexpr std::int32_t last_stream_id_max = (1U << 31) - 1;  // Of the GOAWAY that only announces the end.
constexpr std::array<std::uint8_t, 8> end_mark{'p', 'r', 'o', 'd', 'u', 'c', 't', 'd'};

}  // namespace

Http2Frames::Http2Frames(const HttpServerSettings& settings, Owner& owner)
    : settings_(settings), owner_(owner), held_(*settings.requests_bytes), unsent_(*settings.answers_bytes) {
    session_.reset(Callbacks::new_session(*this, settings.limits));
}

Http2Frames::~Http2Frames() = default;

void Http2Frames::feed(std::string_view bytes, TimePoint now) {
    now_ = now;
    if (bytes.empty() || is_terminated_) return;
    if (!patience_.fed(bytes, now_)) return terminate(NGHTTP2_ENHANCE_YOUR_CALM);
    const auto used =
        nghttp2_session_mem_recv(session_.get(), reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size());
    rethrow();
    if (used < 0) fail(static_cast<int>(used));
}

void Http2Frames::rethrow() {
    if (failure_) std::rethrow_exception(std::exchange(failure_, nullptr));
}

/// What nghttp2 gives up on without telling the client.
void Http2Frames::fail(int code) {
    switch (code) {
        case NGHTTP2_ERR_NOMEM: throw std::bad_alloc();
        case NGHTTP2_ERR_FLOODED: return terminate(NGHTTP2_ENHANCE_YOUR_CALM);
        case NGHTTP2_ERR_CALLBACK_FAILURE: return;  // Ours, after terminate().
        default: return terminate(NGHTTP2_PROTOCOL_ERROR);
    }
}

bool Http2Frames::collect(std::string& out) {
    const auto before = out.size();
    out_ = &out;
    const int outcome = nghttp2_session_send(session_.get());
    out_ = nullptr;
    rethrow();
    if (outcome == NGHTTP2_ERR_NOMEM) throw std::bad_alloc();
    return out.size() > before;
}

bool Http2Frames::is_over() const {
    return nghttp2_session_want_read(session_.get()) == 0 && nghttp2_session_want_write(session_.get()) == 0;
}

void Http2Frames::answer(Http2Stream& stream, const Http2Fields& fields) {
    if (stream.is_closed) return;
    stream.begin_answer(settings_.timeouts.write);
    unsent_.add(stream.response.body.size());
    nghttp2_data_provider body{.source = {.ptr = &stream}, .read_callback = &Callbacks::read_body};
    nghttp2_submit_response(session_.get(), stream.id, fields.list().data(), fields.list().size(),
                            stream.response.body.empty() && !stream.pieces ? nullptr : &body);
}

void Http2Frames::give(Http2Stream& stream, std::optional<std::string> piece) {
    stream.begin_piece(std::move(piece), settings_.timeouts.write);
    unsent_.add(stream.response.body.size());
    static_cast<void>(nghttp2_session_resume_data(session_.get(), stream.id));
}

void Http2Frames::reset(Http2Stream& stream, std::uint32_t code) {
    nghttp2_submit_rst_stream(session_.get(), NGHTTP2_FLAG_NONE, stream.id, code);
}

bool Http2Frames::waits_for_window(const Http2Stream& stream) const {
    return nghttp2_session_get_stream_remote_window_size(session_.get(), stream.id) <= 0 ||
           nghttp2_session_get_remote_window_size(session_.get()) <= 0;
}

void Http2Frames::release(Http2Stream& stream) {
    held_bytes_ -= std::exchange(stream.held_bytes, 0);
    // Less than before is never refused.
    static_cast<void>(held_.hold(held_bytes_ > http_bounds::request_bytes_free ? held_bytes_ : 0));
}

void Http2Frames::announce_end() {
    is_end_announced_ = true;
    nghttp2_submit_shutdown_notice(session_.get());
}

void Http2Frames::go_away() {
    nghttp2_submit_goaway(session_.get(), NGHTTP2_FLAG_NONE, nghttp2_session_get_last_proc_stream_id(session_.get()),
                          NGHTTP2_NO_ERROR, nullptr, 0);
}

void Http2Frames::terminate(std::uint32_t code) {
    if (std::exchange(is_terminated_, true)) return;
    nghttp2_session_terminate_session(session_.get(), code);
}

Http2Frames::StreamPtr Http2Frames::find(std::int32_t id) const {
    const auto found = streams_.find(id);
    return found == streams_.end() ? nullptr : found->second;
}

void Http2Frames::begin_frame(const nghttp2_frame_hd& header) {
    if (header.type == NGHTTP2_DATA) {
        constexpr std::size_t frame_header_bytes = 9;
        if (const auto stream = find(header.stream_id)) stream->framed_bytes += frame_header_bytes + header.length;
    }
    if (header.type == NGHTTP2_HEADERS) {
        if (skipped_.contains(header.stream_id)) terminate(NGHTTP2_PROTOCOL_ERROR);
        skipped_.open(header.stream_id);
    }
}

void Http2Frames::begin_header(const nghttp2_frame& frame) {
    header_id_ = frame.hd.stream_id;
    header_deadline_ = now_ + settings_.timeouts.header;
    if (frame.headers.cat == NGHTTP2_HCAT_REQUEST) {
        streams_.emplace(frame.hd.stream_id, std::make_shared<Http2Stream>(frame.hd.stream_id, header_deadline_));
    } else if (const auto stream = find(frame.hd.stream_id)) {
        stream->is_trailer = true;
    }
}

bool Http2Frames::take_field(std::int32_t id, std::string_view name, std::string_view value) {
    const auto stream = find(id);
    if (!stream) return true;
    const auto before = stream->held_bytes;
    productd::take_field(*stream, name, value, settings_.limits);
    hold_more(*stream, stream->held_bytes - before);
    // A table of HPACK makes thousands of bytes of each one that was sent.
    return stream->header_bytes <= 2 * settings_.limits.header_bytes_max;
}

void Http2Frames::take_body(std::int32_t id, std::string_view piece) {
    const auto stream = find(id);
    if (!stream || stream->state != Http2Stream::State::body) return;
    const auto before = stream->held_bytes;
    productd::take_body(*stream, piece, settings_.limits);
    hold_more(*stream, stream->held_bytes - before);
    look_at(stream);
}

void Http2Frames::hold_more(Http2Stream& stream, std::size_t bytes) {
    held_bytes_ += bytes;
    const bool has_room = held_.hold(held_bytes_ > http_bounds::request_bytes_free ? held_bytes_ : 0);
    if (has_room || stream.refusal) return;
    stream.refusal = HttpRefusal{503, "requests_bytes", "The service holds as many bytes of requests as it may."};
}

void Http2Frames::end_frame(const nghttp2_frame& frame) {
    const auto& header = frame.hd;
    if (header.type == NGHTTP2_PING && (header.flags & NGHTTP2_FLAG_ACK) != 0 && is_end_announced_ &&
        std::ranges::equal(frame.ping.opaque_data, end_mark)) {
        return go_away();
    }
    if (header.type != NGHTTP2_HEADERS && header.type != NGHTTP2_DATA) return;
    if (header.type == NGHTTP2_HEADERS) end_header_of(header.stream_id);
    const auto stream = find(header.stream_id);
    if (!stream) return;
    const bool is_last = (header.flags & NGHTTP2_FLAG_END_STREAM) != 0;
    if (stream->state == Http2Stream::State::header) end_header(*stream, is_last);
    if (header.type == NGHTTP2_DATA) productd::take_body(*stream, {}, settings_.limits);  // It may be all padding.
    stream->is_whole |= is_last;
    look_at(stream);
}

void Http2Frames::end_header_of(std::int32_t id) {
    if (header_id_ == id) header_deadline_ = TimePoint::max();
}

void Http2Frames::end_header(Http2Stream& stream, bool is_last) {
    stream.state = Http2Stream::State::body;
    stream.deadline = now_ + settings_.timeouts.body;
    if (!finish_header(stream, settings_.limits) || is_last) return;
    static std::string text = ":status100";
    auto* const name = reinterpret_cast<std::uint8_t*>(text.data());
    const nghttp2_nv status{name, name + 7, 7, 3, NGHTTP2_NV_FLAG_NONE};
    nghttp2_submit_headers(session_.get(), NGHTTP2_FLAG_NONE, stream.id, nullptr, &status, 1, nullptr);
}

/// Whether it is ready to be answered by now.
void Http2Frames::look_at(const StreamPtr& stream) {
    if (stream->state != Http2Stream::State::body) return;
    if (!stream->refusal && !stream->is_whole) return;
    stream->state = Http2Stream::State::waiting;
    owner_.arrived(stream);
}

void Http2Frames::sent_frame(const nghttp2_frame& frame) {
    const auto& header = frame.hd;
    if (header.type == NGHTTP2_GOAWAY && frame.goaway.error_code != NGHTTP2_NO_ERROR) {
        owner_.rejected(frame.goaway.error_code == NGHTTP2_ENHANCE_YOUR_CALM ? "http2_flood" : "http2_protocol");
    }
    if (header.type == NGHTTP2_RST_STREAM && frame.rst_stream.error_code == NGHTTP2_PROTOCOL_ERROR) {
        owner_.rejected("malformed");
    }
    if (header.type == NGHTTP2_GOAWAY && is_end_announced_ && frame.goaway.last_stream_id == last_stream_id_max) {
        // Its confirmation says that the client has seen the GOAWAY: a ping before it would overtake it.
        nghttp2_submit_ping(session_.get(), NGHTTP2_FLAG_NONE, end_mark.data());
    }
    const bool is_message = header.type == NGHTTP2_HEADERS || header.type == NGHTTP2_DATA;
    if (!is_message || (header.flags & NGHTTP2_FLAG_END_STREAM) == 0) return;
    patience_.sent_answer();
    const auto stream = find(header.stream_id);
    if (!stream || nghttp2_session_get_stream_remote_close(session_.get(), header.stream_id) != 0) return;
    // Answered before it was whole. Curl 7.88 drops an answer with which the reset comes, so that waits; what the
    // client sends meanwhile is thrown away.
    stream->state = Http2Stream::State::lingering;
    stream->deadline = std::chrono::steady_clock::now() + settings_.timeouts.linger;
}

void Http2Frames::append_body(Http2Stream& stream, std::string_view frame_header, std::size_t bytes) {
    out_->append(frame_header).append(stream.response.body, stream.sent, bytes);
    unsent_.remove(bytes);
    patience_.sent_data();
    stream.took(bytes, settings_.timeouts.write);
}

void Http2Frames::end_stream(std::int32_t id) {
    const auto found = streams_.find(id);
    if (found == streams_.end()) return;
    const auto stream = found->second;
    streams_.erase(found);
    end_header_of(id);
    stream->is_closed = true;
    if (stream->state == Http2Stream::State::answered || stream->state == Http2Stream::State::lingering) {
        unsent_.remove(stream->response.body.size() - stream->sent);
    } else if (stream->state != Http2Stream::State::handler) {
        stream->request = {};
        release(*stream);
    }
    owner_.closed(stream);
}

}  // namespace productd
