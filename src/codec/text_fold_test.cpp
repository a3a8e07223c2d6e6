// Which letters are the same to the search, and which are not.
#include "codec/text_fold.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>

namespace productd {
namespace {

using namespace std::string_literals;

TEST(TextFold, LowersAsciiAndKeepsTheRest) {
    EXPECT_EQ(folded("Laptop 15\" 100%_[.*]'{|}~@`"), "laptop 15\" 100%_[.*]'{|}~@`");
    EXPECT_EQ(folded(""), "");
    EXPECT_EQ(folded("AZaz"), "azaz");
}

TEST(TextFold, TreatsUpperAndLowerCaseOfAnyScriptAsTheSame) {
    EXPECT_EQ(folded("ÉCRAN ПРИВЕТ ΟΔΟΣ"), folded("écran привет οδοσ"));
    EXPECT_EQ(folded("ὈΔΥΣΣΕΎΣ"), folded("ὀδυσσεύς"));
    EXPECT_EQ(folded("ΑΣ"), folded("ας"));
    EXPECT_EQ(folded("Straße"), folded("STRASSE"));
    EXPECT_EQ(folded("ﬁne"), "fine");
    EXPECT_EQ(folded("İ"), "i\u0307");
    EXPECT_EQ(folded("K"), "k");  // The Kelvin sign.
    EXPECT_EQ(folded("𐐀"), folded("𐐨"));
}

TEST(TextFold, KeepsApartWhatCaseDoesNotJoin) {
    EXPECT_NE(folded("é"), folded("e"));
    EXPECT_NE(folded("é"), folded("e\u0301"));
    EXPECT_NE(folded("ı"), folded("i"));
    EXPECT_EQ(folded("日本 🎧 \u0301"), "日本 🎧 \u0301");
}

TEST(TextFold, MakesNulAnOrdinaryCharacter) {
    EXPECT_EQ(folded("A\0b"s), "a"s + folded_nul + "b");
    EXPECT_EQ(folded("É\0b"s), "é"s + folded_nul + "b");
    EXPECT_EQ(folded("É\0b"s).find('\0'), std::string::npos);
}

TEST(TextFold, NeverYieldsTheMarks) {
    for (std::uint32_t point = 1; point < 0x20000; ++point) {
        if (point >= 0xD800 && point <= 0xDFFF) continue;
        std::string text;
        if (point < 0x80) {
            text = {static_cast<char>(point)};
        } else if (point < 0x800) {
            text = {static_cast<char>(0xC0 | (point >> 6)), static_cast<char>(0x80 | (point & 63))};
        } else if (point < 0x10000) {
            text = {static_cast<char>(0xE0 | (point >> 12)), static_cast<char>(0x80 | ((point >> 6) & 63)),
                    static_cast<char>(0x80 | (point & 63))};
        } else {
            text = {static_cast<char>(0xF0 | (point >> 18)), static_cast<char>(0x80 | ((point >> 12) & 63)),
                    static_cast<char>(0x80 | ((point >> 6) & 63)), static_cast<char>(0x80 | (point & 63))};
        }
        const auto result = folded(text);
        ASSERT_TRUE(std::ranges::none_of(result, [](char c) { return c >= 'A' && c <= 'Z'; })) << std::hex << point;
        ASSERT_FALSE(result.empty()) << std::hex << point;
        // What a character folds to does not depend on what stands beside it.
        ASSERT_EQ(folded("σ" + text + "Ä"), "σ" + result + "ä") << std::hex << point;
    }
}

TEST(TextFold, SurvivesWhatIsNotUtf8) {
    EXPECT_EQ(folded("A\xFFÉ"s), "a\xFFé");
    EXPECT_EQ(folded("\xE2\x82"s), "\xE2\x82");
}

TEST(TextFold, GrowsBeyondTheLengthOfItsText) {
    std::string text, expected;
    for (int i = 0; i < 500; ++i) {
        text += "ΐ";
        expected += folded("ΐ");
    }
    EXPECT_EQ(folded(text), expected);
    EXPECT_GT(expected.size(), text.size());
}

}  // namespace
}  // namespace productd
