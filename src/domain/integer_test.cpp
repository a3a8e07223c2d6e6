#include "domain/integer.hpp"

#include <gtest/gtest.h>

namespace productd {
namespace {

TEST(Integer, IsReadFromItsFirstDigitToTheLastOfTheText) {
    EXPECT_EQ(parse_integer("-12"), -12);
    EXPECT_EQ(parse_integer("9223372036854775807"), INT64_MAX);
    EXPECT_EQ(parse_integer(std::string_view("123").substr(0, 2)), 12) << "more digits may follow";
    for (const auto* text : {"", "-", "+1", " 1", "1 ", "1x", "0x1", "9223372036854775808"}) {
        EXPECT_FALSE(parse_integer(text)) << text;
    }
}

}  // namespace
}  // namespace productd
