// The few forms of protocol buffers (https://protobuf.dev/programming-guides/encoding/) that traces are sent in.
#pragma once

#include <bit>
#include <cstdint>
#include <string>
#include <string_view>

#include "codec/packed.hpp"

namespace productd::otlp {

// A field is its number and its form, then its value.
constexpr std::uint64_t varint_form = 0, fixed64_form = 1, bytes_form = 2, fixed32_form = 5;

inline void put_tag(std::string& out, unsigned field, std::uint64_t form) {
    packed::put_number(out, std::uint64_t{field} << 3 | form);
}
inline void put_varint(std::string& out, unsigned field, std::uint64_t number) {
    put_tag(out, field, varint_form);
    packed::put_number(out, number);
}
inline void put_bytes(std::string& out, unsigned field, std::string_view bytes) {
    put_tag(out, field, bytes_form);
    packed::put_text(out, bytes);
}
template <class Number>
void put_fixed(std::string& out, unsigned field, Number number) {
    static_assert(std::endian::native == std::endian::little);
    static_assert(sizeof(Number) == 8 || sizeof(Number) == 4);
    put_tag(out, field, sizeof(Number) == 8 ? fixed64_form : fixed32_form);
    char bytes[sizeof(Number)];
    __builtin_memcpy(bytes, &number, sizeof bytes);
    out.append(bytes, sizeof bytes);
}

// KeyValue {key = 1, value = 2} with AnyValue {string = 1, bool = 2, int = 3, double = 4} of opentelemetry-proto's
// common/v1/common.proto, as the field `field` of what it belongs to.
inline void put_attribute(std::string& out, unsigned field, std::string_view key, std::string_view value) {
    const auto any = 1 + packed::text_bytes(value);
    put_tag(out, field, bytes_form);
    packed::put_number(out, 1 + packed::text_bytes(key) + 1 + packed::number_bytes(any) + any);
    put_bytes(out, 1, key);
    put_tag(out, 2, bytes_form);
    packed::put_number(out, any);
    put_bytes(out, 1, value);
}
inline void put_attribute(std::string& out, unsigned field, std::string_view key, std::int64_t value) {
    std::string any;  // Short: no allocation.
    put_varint(any, 3, static_cast<std::uint64_t>(value));
    put_tag(out, field, bytes_form);
    packed::put_number(out, 1 + packed::text_bytes(key) + 1 + packed::text_bytes(any));
    put_bytes(out, 1, key);
    put_bytes(out, 2, any);
}

}  // namespace productd::otlp
