// How much those who follow the feed may take.
#pragma once

#include <cstddef>

namespace productd {

struct FeedSettings {
    std::size_t watchers_max = 2'000;       ///< Who asks or waits at a time. (Feed.WatchersMax)
    std::size_t tail_bytes_max = 16 << 20;  ///< The latest changes, for all who wait for the next. (Feed.TailBytesMax)
};

}  // namespace productd
