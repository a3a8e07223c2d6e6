#include "inbound/rest/preconditions.hpp"

#include <gtest/gtest.h>

namespace productd {
namespace {

using Headers = std::vector<std::pair<std::string, std::string>>;

Precondition of(Headers headers, std::optional<Version> version = Version{7}) {
    HttpRequest request;
    request.headers = std::move(headers);
    return precondition(request, version);
}

TEST(Preconditions, IfMatchComparesStrongly) {
    EXPECT_EQ(of({}), Precondition::holds);
    EXPECT_EQ(of({{"if-match", "\"7\""}}), Precondition::holds);
    EXPECT_EQ(of({{"if-match", "*"}}), Precondition::holds);
    EXPECT_EQ(of({{"if-match", "\"8\""}}), Precondition::fails);
    EXPECT_EQ(of({{"if-match", "W/\"7\""}}), Precondition::fails);
    EXPECT_EQ(of({{"if-match", ""}}), Precondition::fails);
}

TEST(Preconditions, IfNoneMatchComparesWeakly) {
    EXPECT_EQ(of({{"if-none-match", "\"8\""}}), Precondition::holds);
    EXPECT_EQ(of({{"if-none-match", "W/\"7\""}}), Precondition::is_known);
    EXPECT_EQ(of({{"if-none-match", "*"}}), Precondition::is_known);
}

TEST(Preconditions, LinesOfOneNameAreOneList) {
    EXPECT_EQ(of({{"if-match", "\"8\""}, {"x", "y"}, {"if-match", "\"7\""}}), Precondition::holds);
    EXPECT_EQ(of({{"if-none-match", "\"8\""}, {"if-none-match", "\"7\""}}), Precondition::is_known);
}

TEST(Preconditions, IfMatchComesFirst) {
    EXPECT_EQ(of({{"if-none-match", "\"7\""}, {"if-match", "\"8\""}}), Precondition::fails);
    EXPECT_EQ(of({{"if-none-match", "\"7\""}, {"if-match", "\"7\""}}), Precondition::is_known);
}

TEST(Preconditions, WhatHasNoTagIsOnlyNamedByAll) {
    EXPECT_EQ(of({{"if-match", "*"}}, std::nullopt), Precondition::holds);
    EXPECT_EQ(of({{"if-match", "\"7\""}}, std::nullopt), Precondition::fails);
    EXPECT_EQ(of({{"if-none-match", "\"7\""}}, std::nullopt), Precondition::holds);
    EXPECT_EQ(of({{"if-none-match", "*"}}, std::nullopt), Precondition::is_known);
}

}  // namespace
}  // namespace productd
