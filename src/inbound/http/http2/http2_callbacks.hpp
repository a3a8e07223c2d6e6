// How nghttp2 is set up, and what it calls, as methods of Http2Frames: no exception passes through it.
#pragma once

#include "inbound/http/http2/http2_frames.hpp"

namespace productd {

struct Http2Frames::Callbacks {
    static nghttp2_session* new_session(Http2Frames& frames, const HttpLimits& limits);
    /// Of nghttp2_data_provider, whose source is the Http2Stream.
    static ssize_t read_body(nghttp2_session* session, std::int32_t id, std::uint8_t* to, std::size_t size,
                             std::uint32_t* flags, nghttp2_data_source* source, void* frames);

private:
    static nghttp2_session_callbacks* made();
    template <class Act>
    static int guarded(void* frames, Act act);

    static ssize_t send(nghttp2_session*, const std::uint8_t* bytes, std::size_t size, int, void* frames);
    static int send_body(nghttp2_session*, nghttp2_frame*, const std::uint8_t* frame_header, std::size_t size,
                         nghttp2_data_source* source, void* frames);
    static int begin_frame(nghttp2_session*, const nghttp2_frame_hd* header, void* frames);
    static int begin_header(nghttp2_session*, const nghttp2_frame* frame, void* frames);
    static int field(nghttp2_session*, const nghttp2_frame* frame, const std::uint8_t* name, std::size_t name_size,
                     const std::uint8_t* value, std::size_t value_size, std::uint8_t, void* frames);
    static int invalid_field(nghttp2_session* session, const nghttp2_frame* frame, const std::uint8_t*, std::size_t,
                             const std::uint8_t*, std::size_t, std::uint8_t, void*);
    static int body(nghttp2_session*, std::uint8_t, std::int32_t id, const std::uint8_t* bytes, std::size_t size,
                    void* frames);
    static int end_frame(nghttp2_session*, const nghttp2_frame* frame, void* frames);
    static int sent_frame(nghttp2_session*, const nghttp2_frame* frame, void* frames);
    static int end_stream(nghttp2_session*, std::int32_t id, std::uint32_t, void* frames);
};

}  // namespace productd
