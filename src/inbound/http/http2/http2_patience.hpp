// How many frames a client may send that ask for nothing: pings, settings, resets, priorities, empty data, and those
// that nghttp2 passes over. A token bucket.
#pragma once

#include <nghttp2/nghttp2.h>

#include <chrono>
#include <cstddef>

namespace productd {

class Http2Patience {
public:
    using TimePoint = std::chrono::steady_clock::time_point;

    /// A frame of the client begins; false once there were too many.
    [[nodiscard]] bool begin_frame(const nghttp2_frame_hd& header, TimePoint now);
    /// So many bytes of the client were read, begin_frame() having been told of what nghttp2 tells; false as there.
    [[nodiscard]] bool fed(std::size_t bytes, TimePoint now);

    // Who takes many answers has many windows to update and requests to reset.
    void sent_answer();
    void sent_data();

private:
    bool spend(double tokens, TimePoint now);
    void earn(double tokens);

    static constexpr double tokens_max = 1'000;
    static constexpr double tokens_per_second = 100;

    double tokens_ = tokens_max;
    TimePoint filled_{};
    std::size_t fed_bytes_ = 0;
    std::size_t known_bytes_ = NGHTTP2_CLIENT_MAGIC_LEN;  ///< Of frames told of, and of others that were paid for.
};

}  // namespace productd
