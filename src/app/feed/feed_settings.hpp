// How much those who follow the feed may take.
#pragma once

#include <chrono>
#include <cstddef>

namespace productd {

struct FeedSettings {
    std::size_t watchers_max = 2'000;        ///< Streams and long polls at a time, over all APIs.
    std::chrono::seconds stream_age{3'600};  ///< After which a stream ends with its position.
    std::size_t tail_bytes_max = 16 << 20;   ///< Of the latest changes, kept for all who wait for the next one.
};

}  // namespace productd
