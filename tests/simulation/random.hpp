// All that is drawn in a simulation comes from a seed, and is the same everywhere.
#pragma once

#include <chrono>
#include <cstdint>

namespace productd::simulation {

/// SplitMix64 (https://prng.di.unimi.it/splitmix64.c): the standard library's distributions differ between versions.
class Random {
public:
    explicit Random(std::uint64_t seed) : state_(seed) {}

    std::uint64_t next() {
        auto mixed = (state_ += 0x9E3779B97F4A7C15ULL);
        mixed = (mixed ^ (mixed >> 30)) * 0xBF58476D1CE4E5B9ULL;
        mixed = (mixed ^ (mixed >> 27)) * 0x94D049BB133111EBULL;
        return mixed ^ (mixed >> 31);
    }
    /// From 0 to `end` - 1.
    std::size_t below(std::size_t end) { return end == 0 ? 0 : static_cast<std::size_t>(next() % end); }
    std::int64_t between(std::int64_t low, std::int64_t high) {
        return low + static_cast<std::int64_t>(below(static_cast<std::size_t>(high - low + 1)));
    }
    bool one_in(std::size_t many) { return below(many) == 0; }
    bool percent(std::size_t share) { return below(100) < share; }
    /// To the microsecond, so that few things happen at once.
    std::chrono::microseconds wait(std::chrono::milliseconds low, std::chrono::milliseconds high) {
        return std::chrono::microseconds{between(low.count() * 1'000, high.count() * 1'000)};
    }
    template <class Range>
    auto& one_of(Range& range) {
        auto chosen = range.begin();
        std::advance(chosen, static_cast<std::ptrdiff_t>(below(range.size())));
        return *chosen;
    }

private:
    std::uint64_t state_;
};

}  // namespace productd::simulation
