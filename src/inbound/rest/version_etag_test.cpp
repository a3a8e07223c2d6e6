#include "inbound/rest/version_etag.hpp"

#include <gtest/gtest.h>

namespace productd {
namespace {

using Versions = std::vector<Version>;

TEST(EntityTag, ComesBackAsTheVersionItWas) {
    const auto tags = parse_tags(version_etag(Version{7}), WeakTags::never_match);
    EXPECT_EQ(tags.versions, Versions{Version{7}});
    EXPECT_FALSE(tags.any);
}

TEST(EntityTag, ListsAreRead) {
    EXPECT_TRUE(parse_tags(" * ", WeakTags::never_match).any);
    EXPECT_EQ(parse_tags(R"("1", "2" ,"3")", WeakTags::never_match).versions,
              (Versions{Version{1}, Version{2}, Version{3}}));
    EXPECT_EQ(parse_tags(R"(W/"4", "5")", WeakTags::match).versions, (Versions{Version{4}, Version{5}}));
    EXPECT_EQ(parse_tags(R"(W/"4", "5")", WeakTags::never_match).versions, Versions{Version{5}});
}

TEST(EntityTag, WhatIsNotOursMatchesNothing) {
    for (const auto* header : {"", ",", "7", "\"", "\"\"", "\"x\"", "\"7x\"", "\"99999999999999999999\"", "\" 7\"",
                               "\"07\"", "\"-7\"", "\"+7\"", "\"0\""}) {
        EXPECT_TRUE(parse_tags(header, WeakTags::match).versions.empty()) << header;
    }
}

}  // namespace
}  // namespace productd
