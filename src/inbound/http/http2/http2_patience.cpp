// Calls nobody.
#include "inbound/http/http2/http2_patience.hpp"

#include <algorithm>
#include <ranges>

namespace productd {

namespace {

constexpr double of_reset = 4;
constexpr double of_frame = 1;
constexpr double for_answer = 8;
constexpr double for_data = 2;

}  // namespace

bool Http2Patience::fed(std::string_view bytes, TimePoint now) {
    if (filled_ == TimePoint{}) filled_ = now;
    earn(std::chrono::duration<double>(now - filled_).count() * tokens_per_second);
    filled_ = now;
    while (!bytes.empty()) {
        const auto payload = std::min(payload_left_, bytes.size());
        payload_left_ -= payload;
        bytes.remove_prefix(payload);
        if (payload_left_ > 0) break;
        const auto taken = std::min(header_.size() - header_bytes_, bytes.size());
        std::ranges::copy(bytes.substr(0, taken), header_.begin() + static_cast<std::ptrdiff_t>(header_bytes_));
        header_bytes_ += taken;
        bytes.remove_prefix(taken);
        if (header_bytes_ == header_.size()) count_frame();
    }
    return tokens_ >= 0;
}

void Http2Patience::count_frame() {
    const auto byte = [this](std::size_t at) {
        return static_cast<std::size_t>(static_cast<unsigned char>(header_[at]));
    };
    header_bytes_ = 0;
    payload_left_ = byte(0) << 16 | byte(1) << 8 | byte(2);
    const auto type = byte(3);
    if (type == NGHTTP2_DATA && payload_left_ > 0) return;
    tokens_ -= type == NGHTTP2_RST_STREAM ? of_reset : of_frame;
}

void Http2Patience::sent_answer() { earn(for_answer); }

void Http2Patience::sent_data() { earn(for_data); }

void Http2Patience::earn(double tokens) { tokens_ = std::min(tokens_max, tokens_ + tokens); }

}  // namespace productd
