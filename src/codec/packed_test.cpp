#include "codec/packed.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <limits>

namespace productd::packed {
namespace {

std::string number(std::uint64_t value) {
    std::string out;
    put_number(out, value);
    return out;
}

std::string signed_number(std::int64_t value) {
    std::string out;
    put_signed(out, value);
    return out;
}

TEST(Packed, WritesSevenBitsAByteTheLowestFirst) {
    EXPECT_EQ(number(0), std::string(1, '\0'));
    EXPECT_EQ(number(127), "\x7f");
    EXPECT_EQ(number(128), "\x80\x01");
    EXPECT_EQ(number(300), "\xac\x02");
    EXPECT_EQ(number(std::numeric_limits<std::uint64_t>::max()), "\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01");
    EXPECT_EQ(signed_number(-1), "\x01");
    EXPECT_EQ(signed_number(1), "\x02");
    EXPECT_EQ(signed_number(-65), "\x81\x01");
}

RC_GTEST_PROP(Packed, ReadsWhatItWrote, (std::uint64_t first, std::int64_t second, const std::string& text)) {
    std::string out;
    put_number(out, first);
    put_signed(out, second);
    put_text(out, text);
    Reader reader(out);
    RC_ASSERT(reader.number() == first);
    RC_ASSERT(reader.signed_number() == second);
    RC_ASSERT(reader.text() == text);
    RC_ASSERT(reader.ok());
    RC_ASSERT(reader.rest().empty());
}

TEST(Packed, SaysHowMuchATextAdds) {
    for (const std::size_t size : {0U, 1U, 127U, 128U, 16'383U, 16'384U}) {
        std::string out;
        packed::put_text(out, std::string(size, 'x'));
        EXPECT_EQ(packed::text_bytes(std::string(size, 'x')), out.size());
    }
}

TEST(Packed, AfterWhatDoesNotFitEverythingIsEmpty) {
    for (const std::string_view bytes : {std::string_view(""), std::string_view("\x80"), std::string_view("\x05text"),
                                         std::string_view("\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01")}) {
        Reader reader(bytes);
        EXPECT_EQ(reader.text(), "");
        EXPECT_FALSE(reader.ok());
        EXPECT_EQ(reader.rest(), "");
        EXPECT_EQ(reader.number(), 0U);
        EXPECT_EQ(reader.bytes(1), "");
        EXPECT_FALSE(reader.ok());
    }
}

}  // namespace
}  // namespace productd::packed
