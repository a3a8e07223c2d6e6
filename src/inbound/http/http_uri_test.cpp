#include "inbound/http/http_uri.hpp"

#include <gtest/gtest.h>

namespace productd {
namespace {

TEST(HttpUri, KnowsHostsWithAndWithoutPorts) {
    for (const auto* good :
         {"a", "localhost:80", "a.example.", "a:", "127.0.0.1:1", "[::1]", "[::1]:80", "a%2db", "a,b", "[v1.a:b]"}) {
        EXPECT_TRUE(is_authority(good)) << good;
    }
    for (const auto* bad :
         {"",      ":80", "a:b",  "a:80:80", "a@b",  "a/b",      "a b",   "[::1",  "::1",      "[]",  "[::1]a",
          "[::g]", "a%2", "a%zz", "a\\b",    "a\"b", "\xc3\xa4", "[v.a]", "[v1.]", "[v1.%41]", "a?b", "a#b"}) {
        EXPECT_FALSE(is_authority(bad)) << bad;
    }
    EXPECT_FALSE(is_authority(std::string_view("[::1\0]", 6)));
}

TEST(HttpUri, KnowsWhatAPathMayHave) {
    for (const auto* good : {"/", "/a/b", "/-._~!$&'()*+,;=:@", "/%20%fF", "//"})
        EXPECT_TRUE(is_uri_path(good)) << good;
    for (const auto* bad :
         {"/ ", "/\"", "/<", "/\\", "/^", "/`", "/{", "/|", "/[", "/%", "/%1", "/%g0", "/\x7f", "/\xc3\xa9", "/#"}) {
        EXPECT_FALSE(is_uri_path(bad)) << bad;
    }
}

}  // namespace
}  // namespace productd
