// The rule for ids of clients, and a generator for ours: splitmix64, seeded once.
#include "codec/request_id.hpp"

#include <algorithm>
#include <random>

#include "codec/splitmix64.hpp"

namespace productd {

namespace {

bool is_allowed(char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '.' || c == '_' ||
           c == '-';
}

}  // namespace

bool is_request_id(std::string_view text, std::size_t bytes_max) {
    return !text.empty() && text.size() <= bytes_max && std::ranges::all_of(text, is_allowed);
}

RequestIds::RequestIds() {
    std::random_device device;
    state_ = (std::uint64_t{device()} << 32) | device();
}

std::string RequestIds::next() {
    static constexpr char digits[] = "0123456789abcdef";
    std::string id(32, '0');
    for (std::size_t half = 0; half < 2; ++half) {
        state_ += 0x9E3779B97F4A7C15ULL;
        auto bits = splitmix64(state_);
        for (std::size_t i = 0; i < 16; ++i, bits >>= 4) id[half * 16 + i] = digits[bits & 15];
    }
    return id;
}

}  // namespace productd
