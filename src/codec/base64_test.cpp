// Base64 both ways.
#include "codec/base64.hpp"

#include <gtest/gtest.h>

namespace productd {
namespace {

TEST(Base64, ComesBackAsItWas) {
    std::string bytes;
    for (int i = 0; i < 300; ++i) {
        EXPECT_EQ(from_base64(base64(bytes)), bytes) << i;
        bytes += static_cast<char>(i * 7);
    }
}

TEST(Base64, RefusesWhatNoEncoderWrites) {
    for (const auto* text : {"A", "AA", "AAA", "A===", "====", "========", "=AAA", "AA=A", "AA==AAAA", "AA\n=", " AAA",
                             "AAA ", "AAB=", "A*AA", "AAAA\n"}) {
        EXPECT_FALSE(from_base64(text)) << text;
    }
}

}  // namespace
}  // namespace productd
