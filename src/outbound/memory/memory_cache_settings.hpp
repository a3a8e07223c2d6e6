// What the cache of this process can be told.
#pragma once

#include <chrono>
#include <cstddef>
#include <functional>

namespace productd {

struct MemoryCacheSettings {
    std::size_t bytes_max =
        16 << 20;  ///< What the entries take with all they hold. A sixteenth is the most one may take.
    std::chrono::milliseconds ttl{3'600'000};  ///< Each entry's own is up to 10 % shorter or longer, so that entries
                                               ///< made together do not end together.
    std::chrono::milliseconds negative_ttl{5'000};  ///< How long "there is none" is believed.
    std::function<std::chrono::steady_clock::time_point()> now = std::chrono::steady_clock::now;
};

}  // namespace productd
