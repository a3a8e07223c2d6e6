// How numbers and texts stand in the blobs of the SQLite files: as short as they are, one behind the other.
#pragma once

#include <bit>
#include <cstdint>
#include <string>
#include <string_view>

namespace productd::packed {

/// A varint: seven bits a byte, the lowest first, the top bit where more follow; ten bytes at most.
inline void put_number(std::string& out, std::uint64_t number) {
    for (; number >= 0x80; number >>= 7) out += static_cast<char>(number | 0x80);
    out += static_cast<char>(number);
}

/// A varint in which the sign stands lowest (zigzag), so that small negative numbers are short too.
inline void put_signed(std::string& out, std::int64_t number) {
    put_number(out, (static_cast<std::uint64_t>(number) << 1) ^ static_cast<std::uint64_t>(number >> 63));
}

/// Its length as a number, then its bytes.
inline void put_text(std::string& out, std::string_view text) {
    put_number(out, text.size());
    out += text;
}

/// What put_number() adds.
inline std::size_t number_bytes(std::uint64_t number) {
    return (static_cast<std::size_t>(std::bit_width(number | 1)) + 6) / 7;
}
/// What put_text() adds.
inline std::size_t text_bytes(std::string_view text) { return number_bytes(text.size()) + text.size(); }

/// Takes apart from the front what the functions above wrote. Once something does not fit, everything after it is empty
/// and ok() is false: ask that before you believe what was read.
class Reader {
public:
    /// `bytes` outlive it.
    explicit Reader(std::string_view bytes) : rest_(bytes) {}

    bool ok() const { return ok_; }
    std::string_view rest() const { return rest_; }

    std::string_view bytes(std::uint64_t size) {
        if (size > rest_.size()) {
            give_up();
            return {};
        }
        const auto taken = rest_.substr(0, size);
        rest_.remove_prefix(size);
        return taken;
    }
    std::uint64_t number() {
        std::uint64_t value = 0;
        for (unsigned shift = 0; shift < 64 && !rest_.empty(); shift += 7) {
            const auto byte = static_cast<unsigned char>(rest_.front());
            rest_.remove_prefix(1);
            value |= std::uint64_t{byte & 0x7fU} << shift;
            if (byte < 0x80) return value;
        }
        give_up();
        return 0;
    }
    std::int64_t signed_number() {
        const auto value = number();
        return static_cast<std::int64_t>(value >> 1) ^ -static_cast<std::int64_t>(value & 1);
    }
    std::string text() { return std::string(bytes(number())); }

private:
    void give_up() {
        ok_ = false;
        rest_ = {};
    }

    std::string_view rest_;
    bool ok_ = true;
};

}  // namespace productd::packed
