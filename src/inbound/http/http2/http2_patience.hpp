// How many frames a client may send that ask for nothing: pings, settings, resets, priorities, empty data, and those
// that nghttp2 passes over. A token bucket.
#pragma once

#include <nghttp2/nghttp2.h>

#include <array>
#include <chrono>
#include <cstddef>
#include <string_view>

namespace productd {

class Http2Patience {
public:
    using TimePoint = std::chrono::steady_clock::time_point;

    /// The next bytes of the client; false once it has sent too many such frames.
    [[nodiscard]] bool fed(std::string_view bytes, TimePoint now);

    // Who takes many answers has many windows to update and requests to reset.
    void sent_answer();
    void sent_data();

private:
    void count_frame();
    void earn(double tokens);

    static constexpr double tokens_max = 1'000;
    static constexpr double tokens_per_second = 100;

    double tokens_ = tokens_max;
    TimePoint filled_{};
    std::size_t payload_left_ = NGHTTP2_CLIENT_MAGIC_LEN;  ///< To the next frame's header.
    std::array<char, 9> header_{};                         ///< Of a frame (RFC 9113 section 4.1).
    std::size_t header_bytes_ = 0;
};

}  // namespace productd
