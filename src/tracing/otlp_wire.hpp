// The few forms of protocol buffers (https://protobuf.dev/programming-guides/encoding/) that traces are sent in.
#pragma once

#include <array>
#include <bit>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

#include "codec/packed.hpp"

namespace productd::otlp {

// A field is its number and its form, then its value.
constexpr std::uint64_t varint_form = 0, fixed64_form = 1, bytes_form = 2, fixed32_form = 5;

constexpr std::uint64_t tag(unsigned field, std::uint64_t form) { return std::uint64_t{field} << 3 | form; }

/// An id as it is sent.
template <std::size_t Size>
std::string_view bytes_of(const std::array<std::uint8_t, Size>& id) {
    return {reinterpret_cast<const char*>(id.data()), id.size()};
}

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

// KeyValue {key = 1, value = 2} with AnyValue {string = 1, bool = 2, int = 3, double = 4} of opentelemetry-proto's
// common/v1/common.proto, as the field `field` of what it belongs to.

/// `write` writes the `any_bytes` of the AnyValue.
template <class Write>
void put_key_value(std::string& out, unsigned field, std::string_view key, std::size_t any_bytes, Write write) {
    const auto begin = tag(field, bytes_form);
    const auto pair = 1 + packed::text_bytes(key) + 1 + packed::number_bytes(any_bytes) + any_bytes;
    Writer writer(out, packed::number_bytes(begin) + packed::number_bytes(pair) + pair);
    writer.number(begin);
    writer.number(pair);
    writer.number(tag(1, bytes_form));
    writer.text(key);
    writer.number(tag(2, bytes_form));
    writer.number(any_bytes);
    write(writer);
}

inline void put_attribute(std::string& out, unsigned field, std::string_view key, std::string_view value) {
    put_key_value(out, field, key, 1 + packed::text_bytes(value), [value](Writer& writer) {
        writer.number(tag(1, bytes_form));
        writer.text(value);
    });
}
inline void put_attribute(std::string& out, unsigned field, std::string_view key, std::int64_t value) {
    const auto bits = static_cast<std::uint64_t>(value);
    put_key_value(out, field, key, 1 + packed::number_bytes(bits), [bits](Writer& writer) {
        writer.number(tag(3, varint_form));
        writer.number(bits);
    });
}

}  // namespace productd::otlp
