// Calls nobody.
#include "inbound/http/http2/http2_patience.hpp"

#include <algorithm>

namespace productd {

namespace {

constexpr std::size_t header_bytes = 9;  // Of a frame.
constexpr double of_reset = 4;
constexpr double of_frame = 1;
constexpr double for_answer = 8;
constexpr double for_data = 2;

}  // namespace

bool Http2Patience::begin_frame(const nghttp2_frame_hd& header, TimePoint now) {
    known_bytes_ += header_bytes + header.length;
    if (header.type == NGHTTP2_DATA && header.length > 0) return true;
    return spend(header.type == NGHTTP2_RST_STREAM ? of_reset : of_frame, now);
}

bool Http2Patience::fed(std::size_t bytes, TimePoint now) {
    fed_bytes_ += bytes;
    if (fed_bytes_ < known_bytes_ + header_bytes) return true;
    const auto frames = (fed_bytes_ - known_bytes_) / header_bytes;
    known_bytes_ += frames * header_bytes;
    return spend(static_cast<double>(frames), now);
}

void Http2Patience::sent_answer() { earn(for_answer); }

void Http2Patience::sent_data() { earn(for_data); }

bool Http2Patience::spend(double tokens, TimePoint now) {
    if (filled_ == TimePoint{}) filled_ = now;
    earn(std::chrono::duration<double>(now - filled_).count() * tokens_per_second);
    filled_ = now;
    tokens_ -= tokens;
    return tokens_ >= 0;
}

void Http2Patience::earn(double tokens) { tokens_ = std::min(tokens_max, tokens_ + tokens); }

}  // namespace productd
