// From C to C++ and back. Calls Http2Frames.
#include "inbound/http/http2/http2_callbacks.hpp"

#include <algorithm>
#include <array>
#include <new>

#include "inbound/http/http_bounds.hpp"

namespace productd {

namespace {

constexpr std::int32_t stream_window_bytes = 256 * 1024;
constexpr std::int32_t connection_window_bytes = 1024 * 1024;
constexpr std::uint64_t resets_at_once_max = 1'000;  // Beside Http2Patience, which counts them dearer.
constexpr std::uint64_t resets_per_second_max = 100;

std::string_view view(const std::uint8_t* bytes, std::size_t size) {
    return {reinterpret_cast<const char*>(bytes), size};
}

void submit_settings(nghttp2_session* session, const HttpLimits& limits) {
    const std::array settings{
        nghttp2_settings_entry{NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS, static_cast<std::uint32_t>(limits.streams_max)},
        nghttp2_settings_entry{NGHTTP2_SETTINGS_MAX_HEADER_LIST_SIZE,
                               static_cast<std::uint32_t>(limits.header_bytes_max)},
        nghttp2_settings_entry{NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE, stream_window_bytes},
    };
    nghttp2_submit_settings(session, NGHTTP2_FLAG_NONE, settings.data(), settings.size());
    nghttp2_session_set_local_window_size(session, NGHTTP2_FLAG_NONE, 0, connection_window_bytes);
}

}  // namespace

/// `act` returns nothing; a connection that it ended is read no further.
template <class Act>
int Http2Frames::Callbacks::guarded(void* frames, Act act) {
    auto& self = *static_cast<Http2Frames*>(frames);
    const bool was_terminated = self.is_terminated_;
    try {
        act(self);
    } catch (...) {
        self.failure_ = std::current_exception();
        return NGHTTP2_ERR_CALLBACK_FAILURE;
    }
    return self.is_terminated_ && !was_terminated ? NGHTTP2_ERR_CALLBACK_FAILURE : 0;
}

nghttp2_session* Http2Frames::Callbacks::new_session(Http2Frames& frames, const HttpLimits& limits) {
    static const nghttp2_session_callbacks* const callbacks = made();
    nghttp2_option* option = nullptr;
    if (nghttp2_option_new(&option) != 0) throw std::bad_alloc();
    nghttp2_option_set_stream_reset_rate_limit(option, resets_at_once_max, resets_per_second_max);
    nghttp2_session* session = nullptr;
    const int outcome = nghttp2_session_server_new2(&session, callbacks, &frames, option);
    nghttp2_option_del(option);
    if (outcome != 0) throw std::bad_alloc();
    submit_settings(session, limits);
    return session;
}

nghttp2_session_callbacks* Http2Frames::Callbacks::made() {
    nghttp2_session_callbacks* made = nullptr;
    if (nghttp2_session_callbacks_new(&made) != 0) throw std::bad_alloc();
    nghttp2_session_callbacks_set_send_callback(made, &send);
    nghttp2_session_callbacks_set_send_data_callback(made, &send_body);
    nghttp2_session_callbacks_set_on_begin_frame_callback(made, &begin_frame);
    nghttp2_session_callbacks_set_on_begin_headers_callback(made, &begin_header);
    nghttp2_session_callbacks_set_on_header_callback(made, &field);
    nghttp2_session_callbacks_set_on_invalid_header_callback(made, &invalid_field);
    nghttp2_session_callbacks_set_on_data_chunk_recv_callback(made, &body);
    nghttp2_session_callbacks_set_on_frame_recv_callback(made, &end_frame);
    nghttp2_session_callbacks_set_on_frame_send_callback(made, &sent_frame);
    nghttp2_session_callbacks_set_on_stream_close_callback(made, &end_stream);
    return made;
}

ssize_t Http2Frames::Callbacks::read_body(nghttp2_session*, std::int32_t, std::uint8_t*, std::size_t size,
                                          std::uint32_t* flags, nghttp2_data_source* source, void*) {
    const auto& stream = *static_cast<const Http2Stream*>(source->ptr);
    const auto left = stream.response.body.size() - stream.sent;
    const bool is_rest = !stream.pieces || stream.pieces->has_ended;
    if (left == 0 && !is_rest) return NGHTTP2_ERR_DEFERRED;
    *flags |= NGHTTP2_DATA_FLAG_NO_COPY;
    if (left <= size && is_rest) *flags |= NGHTTP2_DATA_FLAG_EOF;
    return static_cast<ssize_t>(std::min(left, size));
}

ssize_t Http2Frames::Callbacks::send(nghttp2_session*, const std::uint8_t* bytes, std::size_t size, int, void* frames) {
    auto& self = *static_cast<Http2Frames*>(frames);
    if (self.out_->size() >= http_bounds::output_bytes_max) return NGHTTP2_ERR_WOULDBLOCK;
    const int outcome = guarded(frames, [&](Http2Frames& to) { to.out_->append(view(bytes, size)); });
    return outcome == 0 ? static_cast<ssize_t>(size) : NGHTTP2_ERR_CALLBACK_FAILURE;
}

int Http2Frames::Callbacks::send_body(nghttp2_session*, nghttp2_frame*, const std::uint8_t* frame_header,
                                      std::size_t size, nghttp2_data_source* source, void* frames) {
    constexpr std::size_t frame_header_bytes = 9;
    if (static_cast<Http2Frames*>(frames)->out_->size() >= http_bounds::output_bytes_max) return NGHTTP2_ERR_WOULDBLOCK;
    return guarded(frames, [&](Http2Frames& self) {
        self.append_body(*static_cast<Http2Stream*>(source->ptr), view(frame_header, frame_header_bytes), size);
    });
}

int Http2Frames::Callbacks::begin_frame(nghttp2_session*, const nghttp2_frame_hd* header, void* frames) {
    return guarded(frames, [&](Http2Frames& self) { self.begin_frame(*header); });
}

int Http2Frames::Callbacks::begin_header(nghttp2_session*, const nghttp2_frame* frame, void* frames) {
    return guarded(frames, [&](Http2Frames& self) { self.begin_header(*frame); });
}

int Http2Frames::Callbacks::field(nghttp2_session*, const nghttp2_frame* frame, const std::uint8_t* name,
                                  std::size_t name_size, const std::uint8_t* value, std::size_t value_size,
                                  std::uint8_t, void* frames) {
    bool goes_on = true;
    const int outcome = guarded(frames, [&](Http2Frames& self) {
        goes_on = self.take_field(frame->hd.stream_id, view(name, name_size), view(value, value_size));
    });
    return outcome == 0 && !goes_on ? NGHTTP2_ERR_TEMPORAL_CALLBACK_FAILURE : outcome;
}

/// Without this nghttp2 leaves out a field that is not well-formed; the whole request is malformed by RFC 9113
/// section 8.1.1.
int Http2Frames::Callbacks::invalid_field(nghttp2_session* session, const nghttp2_frame* frame, const std::uint8_t*,
                                          std::size_t, const std::uint8_t*, std::size_t, std::uint8_t, void*) {
    nghttp2_submit_rst_stream(session, NGHTTP2_FLAG_NONE, frame->hd.stream_id, NGHTTP2_PROTOCOL_ERROR);
    return NGHTTP2_ERR_TEMPORAL_CALLBACK_FAILURE;
}

int Http2Frames::Callbacks::body(nghttp2_session*, std::uint8_t, std::int32_t id, const std::uint8_t* bytes,
                                 std::size_t size, void* frames) {
    return guarded(frames, [&](Http2Frames& self) { self.take_body(id, view(bytes, size)); });
}

int Http2Frames::Callbacks::end_frame(nghttp2_session*, const nghttp2_frame* frame, void* frames) {
    return guarded(frames, [&](Http2Frames& self) { self.end_frame(*frame); });
}

int Http2Frames::Callbacks::sent_frame(nghttp2_session*, const nghttp2_frame* frame, void* frames) {
    return guarded(frames, [&](Http2Frames& self) { self.sent_frame(*frame); });
}

int Http2Frames::Callbacks::end_stream(nghttp2_session*, std::int32_t id, std::uint32_t, void* frames) {
    return guarded(frames, [&](Http2Frames& self) { self.end_stream(id); });
}

}  // namespace productd
