// When a body may be compressed.
#include "inbound/http/message/gzip.hpp"

#include <gtest/gtest.h>

namespace productd {
namespace {

TEST(Gzip, HonoursTheWeightsOfAcceptEncoding) {
    for (const char* yes : {"gzip", "GZIP", "deflate, gzip", "gzip;q=0.1", "gzip ; q=1.000", "*", "x-gzip",
                            "br;q=1, gzip;q=0.5, *;q=0", "identity;q=0.5, gzip;q=0.5"}) {
        EXPECT_TRUE(gzip_accepted(yes)) << yes;
    }
    for (const char* no : {"", "br", "identity", "gzip;q=0", "gzip;q=0.000", "*;q=0", "gzip;q=0, *", "gzip;q=2",
                           "gzip;q=abc", "gzip;q=0.5, identity;q=0.9", "gzipped", ",,;;q=,"}) {
        EXPECT_FALSE(gzip_accepted(no)) << no;
    }
}

TEST(Gzip, KnowsWhatIsWorthCompressing) {
    for (const char* yes : {"application/json", "application/problem+json", "text/html; charset=utf-8", "image/svg+xml",
                            "text/plain; version=0.0.4", "application/openmetrics-text; version=1.0.0; charset=utf-8",
                            "application/vnd.google.protobuf; encoding=delimited"}) {
        EXPECT_TRUE(compressible(yes)) << yes;
    }
    for (const char* no : {"", "image/png", "application/octet-stream", "application/zip"}) {
        EXPECT_FALSE(compressible(no)) << no;
    }
}

}  // namespace
}  // namespace productd
