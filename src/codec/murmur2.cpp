// Kafka's partitioner hash, bit for bit. Calls nothing.
#include "codec/murmur2.hpp"

#include <cstddef>

namespace productd {

namespace {

std::uint32_t byte_at(std::string_view bytes, std::size_t index) { return static_cast<unsigned char>(bytes[index]); }

}  // namespace

std::int32_t murmur2(std::string_view bytes) {
    constexpr std::uint32_t seed = 0x9747b28c;
    constexpr std::uint32_t m = 0x5bd1e995;
    std::uint32_t hash = seed ^ static_cast<std::uint32_t>(bytes.size());
    const auto whole = bytes.size() & ~std::size_t{3};
    for (std::size_t i = 0; i < whole; i += 4) {
        std::uint32_t k =
            byte_at(bytes, i) | byte_at(bytes, i + 1) << 8 | byte_at(bytes, i + 2) << 16 | byte_at(bytes, i + 3) << 24;
        k *= m;
        k ^= k >> 24;
        k *= m;
        hash = (hash * m) ^ k;
    }
    for (auto i = bytes.size(); i > whole; --i) hash ^= byte_at(bytes, i - 1) << (8 * (i - 1 - whole));
    if (whole != bytes.size()) hash *= m;
    hash ^= hash >> 13;
    hash *= m;
    hash ^= hash >> 15;
    return static_cast<std::int32_t>(hash);
}

}  // namespace productd
