// The first numbers of two seeds, as https://prng.di.unimi.it/splitmix64.c gives them; those of 1234567 are also in
// https://rosettacode.org/wiki/Pseudo-random_numbers/Splitmix64.
#include "codec/splitmix64.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace productd {
namespace {

std::vector<std::uint64_t> numbers_of(std::uint64_t seed, std::size_t count) {
    std::vector<std::uint64_t> numbers;
    while (numbers.size() < count) numbers.push_back(splitmix64(seed += 0x9E3779B97F4A7C15ULL));
    return numbers;
}

TEST(Splitmix64, MixesAsItsAuthorsDo) {
    EXPECT_EQ(numbers_of(0, 3),
              (std::vector<std::uint64_t>{0xE220A8397B1DCDAFULL, 0x6E789E6AA1B965F4ULL, 0x06C45D188009454FULL}));
    EXPECT_EQ(numbers_of(1234567, 3),
              (std::vector<std::uint64_t>{6457827717110365317ULL, 3203168211198807973ULL, 9817491932198370423ULL}));
}

}  // namespace
}  // namespace productd
