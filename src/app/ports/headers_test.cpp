#include "app/ports/headers.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <ranges>
#include <vector>

namespace productd {
namespace {

using testing::ElementsAre;

static_assert(std::ranges::forward_range<Headers>);

TEST(Headers, KeepOrderNamesThatComeAgainAndAnyBytes) {
    const std::string binary("\0\xff", 2);
    const std::string large(70'000, 'x');
    Headers headers{{"b", "1"}, {"", ""}, {"a", binary}};
    headers.push_back({"b", large});
    EXPECT_THAT(headers, ElementsAre(Header{"b", "1"}, Header{"", ""}, Header{"a", binary}, Header{"b", large}));
    EXPECT_EQ(headers.size(), 4U);
    EXPECT_FALSE(headers.empty());
    EXPECT_EQ(headers.find("b"), "1");
    EXPECT_EQ(headers.find(""), "");
    EXPECT_EQ(headers.find("c"), std::nullopt);
}

TEST(Headers, AreEmptyAtFirst) {
    const Headers headers;
    EXPECT_TRUE(headers.empty());
    EXPECT_EQ(headers.begin(), headers.end());
    EXPECT_EQ(headers.find(""), std::nullopt);
}

TEST(Headers, AreEqualWhereAllAreInTheSameOrder) {
    const Headers headers{{"a", "1"}, {"b", "2"}};
    EXPECT_EQ(headers, (Headers{{"a", "1"}, {"b", "2"}}));
    EXPECT_NE(headers, (Headers{{"b", "2"}, {"a", "1"}}));
    EXPECT_NE(headers, (Headers{{"a", "1"}}));
    EXPECT_NE((Headers{{"", ""}}), Headers());
}

TEST(Headers, StayWhatTheyAreWhenTheyAreCopiedAndMoved) {
    Headers headers{{"a", "1"}};
    const auto copy = headers;
    headers.push_back({"b", "2"});
    EXPECT_THAT(copy, ElementsAre(Header{"a", "1"}));
    const auto moved = std::move(headers);
    EXPECT_THAT(moved, ElementsAre(Header{"a", "1"}, Header{"b", "2"}));
}

TEST(Headers, TakeABytesLengthBesideEachShortText) {
    Headers headers;
    for (int i = 0; i < 1'000; ++i) headers.push_back({"h", ""});
    EXPECT_EQ(headers.bytes(), 3'000U);
    const std::string longer(128, 'x');
    EXPECT_EQ(Headers::bytes_of({"h", longer}), 2U + 2 + 128);
    headers.push_back({"h", longer});
    EXPECT_EQ(headers.bytes(), 3'132U);
}

TEST(Headers, AreReadAsTheyWereWritten) {
    for (const auto& headers : {Headers{}, Headers{{"", ""}}, Headers{{"a", std::string(200, 'x')}, {"a", "2"}}}) {
        std::string packed;
        headers.write(packed);
        packed += "behind";
        packed::Reader reader(packed);
        EXPECT_EQ(Headers::read(reader), headers);
        EXPECT_TRUE(reader.ok());
        EXPECT_EQ(reader.rest(), "behind");
    }
}

TEST(Headers, AreNotReadFromWhatEndsTooSoonOrTellsMoreThanThereAre) {
    std::string packed;
    Headers{{"name", "value"}, {"", ""}}.write(packed);
    for (std::size_t size = 0; size < packed.size(); ++size) {
        packed::Reader reader(std::string_view(packed).substr(0, size));
        EXPECT_TRUE(Headers::read(reader).empty());
        EXPECT_FALSE(reader.ok()) << size;
    }
    std::string many;
    packed::put_number(many, std::uint64_t{1} << 63);
    many += packed;
    packed::Reader reader(many);
    EXPECT_TRUE(Headers::read(reader).empty());
    EXPECT_FALSE(reader.ok());
}

}  // namespace
}  // namespace productd
