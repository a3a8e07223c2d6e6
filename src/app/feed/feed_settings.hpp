// How much those who follow the feed may take.
#pragma once

#include <chrono>
#include <cstddef>

namespace productd {

struct FeedSettings {
    std::size_t watchers_max = 2'000;       ///< Who asks or waits at a time. (Feed.WatchersMax)
    std::size_t tail_bytes_max = 16 << 20;  ///< The latest changes, for all who wait for the next. (Feed.TailBytesMax)
    std::chrono::milliseconds stream_age{3'600'000};  ///< After which a stream ends in order. (Feed.StreamAge)
    std::chrono::milliseconds heartbeat{15'000};      ///< A stream says so often that nothing happens. (Feed.Heartbeat)
};

}  // namespace productd
