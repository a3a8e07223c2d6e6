// What spans are sent in beside the common forms of protocol buffers: ids, and attributes with their values.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "codec/protobuf_wire.hpp"

namespace productd::otlp {

using namespace protobuf;

/// An id as it is sent.
template <std::size_t Size>
std::string_view bytes_of(const std::array<std::uint8_t, Size>& id) {
    return {reinterpret_cast<const char*>(id.data()), id.size()};
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
