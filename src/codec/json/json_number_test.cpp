// Which numbers are taken for what they say.
#include "codec/json/json_number.hpp"

#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include <charconv>
#include <cmath>
#include <cstring>
#include <string>

namespace productd::json {
namespace {

TEST(JsonNumber, IsWhatTheStandardSays) {
    for (const auto* text : {"0", "-0", "7", "10", "0.5", "-1.25e10", "1E+5", "1e-400", "99999999999999999999"}) {
        EXPECT_TRUE(is_number(text)) << text;
    }
    for (const auto* text : {"", "-", "01", "+1", ".5", "1.", "1.e5", "1e", "1e+", "0x1", "1 ", " 1", "1,0", "NaN"}) {
        EXPECT_FALSE(is_number(text)) << text;
    }
}

TEST(JsonNumber, IsExactIfTheDoublePrintsAsWhatWasSent) {
    const std::pair<const char*, double> taken[] = {{"1152921504606847000", 0x1p60},
                                                    {"0.10000000000000001", 0.1},
                                                    {"0.1", 0.1},
                                                    {"10.50000000000000000000000000", 10.5},
                                                    {"9007199254740992", 0x1p53},
                                                    {"100000000000000000000", 1e20},
                                                    {"18446744073709551616", 0x1p64},
                                                    {"0.000000000000000000000000000001", 1e-30},
                                                    {"0.00001e5", 1},
                                                    {"1234500e-2", 12345},
                                                    {"-2.5", -2.5},
                                                    {"5e-324", 5e-324},
                                                    {"4.9406564584124654e-324", 5e-324},
                                                    {"0e999999999999999999999", 0}};
    for (const auto& [text, value] : taken) EXPECT_EQ(exact_double(text), value) << text;
    for (const auto* text : {"12345678901234567.89", "9007199254740993", "18446744073709551615", "1e400", "1e-400",
                             "0.1000000000000000001", "4.94065e-324", "1e99999999999999999999"}) {
        EXPECT_FALSE(exact_double(text)) << text;
    }
    EXPECT_STREQ(exact_double("9007199254740993").error().rule, "has more digits than are kept exactly");
    EXPECT_FALSE(exact_double("0." + std::string(100'000, '3')));
    EXPECT_EQ(exact_double("0." + std::string(300, '0') + "25" + std::string(100'000, '0')), 2.5e-301);
}

RC_GTEST_PROP(JsonNumberProperty, EveryDoubleIsTakenHoweverManyOfItsDigitsAreSent, (std::uint64_t bits)) {
    double value = 0;
    std::memcpy(&value, &bits, sizeof value);
    RC_PRE(std::isfinite(value) && value != 0);
    const auto digits = *rc::gen::inRange(17, 30);
    char text[64];
    auto end = std::to_chars(text, text + sizeof text, value, std::chars_format::scientific, digits - 1).ptr;
    RC_ASSERT(exact_double({text, end}).value_or(0) == value);
    end = std::to_chars(text, text + sizeof text, value).ptr;
    RC_ASSERT(exact_double({text, end}).value_or(0) == value);
}

TEST(JsonNumber, IsAnIntegerWithoutAFraction) {
    EXPECT_EQ(exact_integer("5.0"), 5);
    EXPECT_EQ(exact_integer("-0.00"), 0);
    EXPECT_EQ(exact_integer("9223372036854775807"), INT64_MAX);
    EXPECT_EQ(exact_integer("-9223372036854775808"), INT64_MIN);
    EXPECT_STREQ(exact_integer("9223372036854775808").error().code, "range");
    EXPECT_STREQ(exact_integer("5.5").error().code, "type");
    EXPECT_STREQ(exact_integer("5e1").error().code, "type");
    EXPECT_STREQ(exact_integer("5.0e1").error().code, "type");
}

}  // namespace
}  // namespace productd::json
