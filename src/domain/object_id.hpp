// Ids as the contract has them: 12 bytes, written as 24 hex digits.
#pragma once

#include <algorithm>
#include <array>
#include <compare>
#include <cstdint>
#include <cstring>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace productd {

/// A BSON ObjectId (https://bsonspec.org) made distinct by what it names. All zeros means "none".
template <class Tag>
class ObjectId {
public:
    using Bytes = std::array<std::uint8_t, 12>;

    constexpr ObjectId() = default;
    constexpr explicit ObjectId(Bytes bytes) : bytes_(bytes) {}

    /// Nothing unless `text` is 24 hex digits of either case.
    static std::optional<ObjectId> parse(std::string_view text) {
        if (text.size() != 24) return std::nullopt;
        Bytes bytes{};
        for (std::size_t i = 0; i < text.size(); ++i) {
            const int digit = hex_value(text[i]);
            if (digit < 0) return std::nullopt;
            bytes[i / 2] = static_cast<std::uint8_t>((bytes[i / 2] << 4) | digit);
        }
        return ObjectId{bytes};
    }

    std::string hex() const {
        static constexpr char digits[] = "0123456789abcdef";
        std::string text;
        text.reserve(24);
        for (const auto byte : bytes_) {
            text += digits[byte >> 4];
            text += digits[byte & 15];
        }
        return text;
    }

    constexpr const Bytes& bytes() const { return bytes_; }
    constexpr bool is_none() const { return bytes_ == Bytes{}; }
    constexpr auto operator<=>(const ObjectId&) const = default;

private:
    static constexpr int hex_value(char c) {
        if (c >= '0' && c <= '9') return c - '0';
        if (c >= 'a' && c <= 'f') return c - 'a' + 10;
        if (c >= 'A' && c <= 'F') return c - 'A' + 10;
        return -1;
    }

    Bytes bytes_{};
};

using ProductId = ObjectId<struct ProductTag>;
using CategoryId = ObjectId<struct CategoryTag>;

}  // namespace productd

template <class Tag>
struct std::hash<productd::ObjectId<Tag>> {
    std::size_t operator()(const productd::ObjectId<Tag>& id) const noexcept {
        // Ids of one process differ in the low bytes, of one second in the rest: mix both ends.
        std::uint64_t high = 0, low = 0;
        std::memcpy(&high, id.bytes().data(), 8);
        std::memcpy(&low, id.bytes().data() + 4, 8);
        return static_cast<std::size_t>((high ^ (low * 0x9E3779B97F4A7C15ULL)) * 0xBF58476D1CE4E5B9ULL >> 7);
    }
};
