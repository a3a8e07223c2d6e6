// How splitmix64 mixes the bits of its state (Steele, Lea, Flood: Fast Splittable Pseudorandom Number Generators,
// 2014).
#pragma once

#include <cstdint>

namespace productd {

/// The number of a state; the next state is 0x9E3779B97F4A7C15 more.
constexpr std::uint64_t splitmix64(std::uint64_t state) {
    state = (state ^ (state >> 30)) * 0xBF58476D1CE4E5B9ULL;
    state = (state ^ (state >> 27)) * 0x94D049BB133111EBULL;
    return state ^ (state >> 31);
}

}  // namespace productd
