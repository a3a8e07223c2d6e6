#include "inbound/http/message/http_query.hpp"

#include <gtest/gtest.h>

namespace productd {
namespace {

std::string value_of(std::string_view query, std::string_view name = "search") {
    const auto value = query_value(query, name);
    if (!value) return "(malformed)";
    return *value ? "[" + **value + "]" : "(absent)";
}

TEST(HttpQuery, DecodesAsAFormDoes) {
    EXPECT_EQ(value_of("search=a+b%20c&page=2"), "[a b c]");
    EXPECT_EQ(value_of("page=2&search=%C3%A9%25_%27%22.*"), "[é%_'\".*]");
    EXPECT_EQ(value_of("s%65arch=x"), "[x]");
    EXPECT_EQ(value_of("search=a=b"), "[a=b]");
    EXPECT_EQ(value_of("search=%00"), std::string("[\0]", 3));
}

TEST(HttpQuery, KnowsAbsentFromEmptyFromMalformed) {
    EXPECT_EQ(value_of(""), "(absent)");
    EXPECT_EQ(value_of("&&x=1&"), "(absent)");
    EXPECT_EQ(value_of("search"), "[]");
    EXPECT_EQ(value_of("search="), "[]");
    for (const auto* query : {"search=%", "search=%4", "search=%zz", "search=%4x"}) {
        EXPECT_EQ(value_of(query), "(malformed)") << query;
    }
}

TEST(HttpQuery, TakesTheFirstOfSeveral) { EXPECT_EQ(value_of("search=a&search=b"), "[a]"); }

}  // namespace
}  // namespace productd
