// Time as the system has it, and ids that no other process makes. Calls the clock and OpenSSL's random numbers.
#include "runtime/system_ports.hpp"

#include <openssl/rand.h>

#include <cstring>
#include <stdexcept>

namespace productd {

namespace {

template <class Bytes>
Bytes random_bytes() {
    Bytes bytes{};
    if (RAND_bytes(bytes.data(), static_cast<int>(bytes.size())) != 1)
        throw std::runtime_error("The system has no random numbers.");
    return bytes;
}

}  // namespace

Timestamp SystemClock::now() const {
    return std::chrono::floor<std::chrono::milliseconds>(std::chrono::system_clock::now());
}

ProcessIds::ProcessIds() : process_(random_bytes<std::array<std::uint8_t, 5>>()) {
    std::uint32_t start = 0;
    const auto bytes = random_bytes<std::array<std::uint8_t, sizeof start>>();
    std::memcpy(&start, bytes.data(), sizeof start);
    counter_ = start;
}

ProductId ProcessIds::next() {
    const auto seconds = static_cast<std::uint32_t>(
        std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now()).time_since_epoch().count());
    const auto count = counter_.fetch_add(1, std::memory_order_relaxed);
    ProductId::Bytes bytes{};
    for (std::size_t i = 0; i < 4; ++i) bytes[i] = static_cast<std::uint8_t>(seconds >> (24 - 8 * i));
    std::ranges::copy(process_, bytes.begin() + 4);
    for (std::size_t i = 0; i < 3; ++i) bytes[9 + i] = static_cast<std::uint8_t>(count >> (16 - 8 * i));
    return ProductId{bytes};
}

std::string ProcessIds::wait_id() {
    static constexpr char digits[] = "0123456789abcdef";
    std::string text;
    for (const auto byte : random_bytes<std::array<std::uint8_t, 16>>()) {
        text += digits[byte >> 4];
        text += digits[byte & 15];
    }
    return text;
}

}  // namespace productd
