// The bytes are those of the specification's examples, or follow from its rules:
// https://protobuf.dev/programming-guides/encoding/
#include "codec/protobuf_wire.hpp"

#include <gtest/gtest.h>

#include <limits>

namespace productd::protobuf {
namespace {

/// What `put` writes; what was there before stays in front of it.
template <class Put>
std::string written_by(Put put) {
    std::string out = "before";
    put(out);
    EXPECT_EQ(out.substr(0, 6), "before");
    return out.substr(6);
}

std::string varint_field(unsigned field, std::uint64_t value) {
    return written_by([&](std::string& out) { put_varint(out, field, value); });
}
std::string bytes_field(unsigned field, std::string_view bytes) {
    return written_by([&](std::string& out) { put_bytes(out, field, bytes); });
}
std::string signed_field(unsigned field, std::int64_t value) {
    return written_by([&](std::string& out) { put_signed(out, field, value); });
}
template <class Number>
std::string fixed_field(unsigned field, Number value) {
    return written_by([&](std::string& out) { put_fixed(out, field, value); });
}

TEST(ProtobufWire, AVarintComesBehindItsFieldSevenBitsAByte) {
    EXPECT_EQ(varint_field(1, 150), "\x08\x96\x01");
    EXPECT_EQ(varint_field(1, 0), std::string("\x08\0", 2));
    EXPECT_EQ(varint_field(15, 1), "\x78\x01");
    EXPECT_EQ(varint_field(16, 128), "\x80\x01\x80\x01") << "from 16 on the field takes two bytes";
    EXPECT_EQ(varint_field(1, std::numeric_limits<std::uint64_t>::max()),
              "\x08\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01");
}

TEST(ProtobufWire, BytesComeBehindTheirLength) {
    EXPECT_EQ(bytes_field(2, "testing"), "\x12\x07testing");
    EXPECT_EQ(bytes_field(2, ""), std::string("\x12\0", 2));
    EXPECT_EQ(bytes_field(16, std::string(200, 'x')), "\x82\x01\xc8\x01" + std::string(200, 'x'));
}

TEST(ProtobufWire, AFixedNumberHasItsLowestByteFirst) {
    EXPECT_EQ(fixed_field(1, std::uint64_t{0x0807060504030201}), "\x09\x01\x02\x03\x04\x05\x06\x07\x08");
    EXPECT_EQ(fixed_field(1, 1.0), std::string("\x09\0\0\0\0\0\0\xf0\x3f", 9));
    EXPECT_EQ(fixed_field(1, std::uint32_t{0x04030201}), "\x0d\x01\x02\x03\x04");
}

TEST(ProtobufWire, ASignedNumberIsAVarintWithItsSignLowest) {
    EXPECT_EQ(signed_field(1, 0), std::string("\x08\0", 2));
    EXPECT_EQ(signed_field(1, -1), "\x08\x01");
    EXPECT_EQ(signed_field(1, 1), "\x08\x02");
    EXPECT_EQ(signed_field(1, -2), "\x08\x03");
    EXPECT_EQ(signed_field(1, 0x7fffffff), "\x08\xfe\xff\xff\xff\x0f");
    EXPECT_EQ(signed_field(1, -0x80000000LL), "\x08\xff\xff\xff\xff\x0f");
}

}  // namespace
}  // namespace productd::protobuf
