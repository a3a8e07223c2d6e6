// The forms of protocol buffers (https://protobuf.dev/programming-guides/encoding/), for messages that are written
// field by field: what traces and metrics are sent in.
#pragma once

#include <bit>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

#include "codec/packed.hpp"

namespace productd::protobuf {

// A field is its number and its form, then its value.
constexpr std::uint64_t varint_form = 0, fixed64_form = 1, bytes_form = 2, fixed32_form = 5;

constexpr std::uint64_t tag(unsigned field, std::uint64_t form) { return std::uint64_t{field} << 3 | form; }

/// Writes into a text that was made long enough: a span has some hundred bytes, and asking before each would cost more
/// than writing them.
class Writer {
public:
    /// `bytes` more behind `out`, which it writes all of.
    Writer(std::string& out, std::size_t bytes) {
        const auto before = out.size();
        out.resize(before + bytes);
        at_ = out.data() + before;
    }

    void number(std::uint64_t value) {
        for (; value >= 0x80; value >>= 7) *at_++ = static_cast<char>(value | 0x80);
        *at_++ = static_cast<char>(value);
    }
    void raw(const void* bytes, std::size_t size) {
        if (size != 0) std::memcpy(at_, bytes, size);
        at_ += size;
    }
    void text(std::string_view text) {
        number(text.size());
        raw(text.data(), text.size());
    }

private:
    char* at_;
};

inline void put_varint(std::string& out, unsigned field, std::uint64_t value) {
    const auto begin = tag(field, varint_form);
    Writer writer(out, packed::number_bytes(begin) + packed::number_bytes(value));
    writer.number(begin);
    writer.number(value);
}
inline void put_bytes(std::string& out, unsigned field, std::string_view bytes) {
    const auto begin = tag(field, bytes_form);
    Writer writer(out, packed::number_bytes(begin) + packed::text_bytes(bytes));
    writer.number(begin);
    writer.text(bytes);
}
template <class Number>
void put_fixed(std::string& out, unsigned field, Number value) {
    static_assert(std::endian::native == std::endian::little);
    static_assert(sizeof value == 8 || sizeof value == 4);
    const auto begin = tag(field, sizeof value == 8 ? fixed64_form : fixed32_form);
    Writer writer(out, packed::number_bytes(begin) + sizeof value);
    writer.number(begin);
    writer.raw(&value, sizeof value);
}
/// An sint32 or sint64: zigzag, so that small negative numbers are short too.
inline void put_signed(std::string& out, unsigned field, std::int64_t value) {
    packed::put_number(out, tag(field, varint_form));
    packed::put_signed(out, value);
}

}  // namespace productd::protobuf
