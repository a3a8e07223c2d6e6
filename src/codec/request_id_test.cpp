#include "codec/request_id.hpp"

#include <gtest/gtest.h>

namespace productd {
namespace {

TEST(RequestId, OfAClientIsAcceptedIfItIsShortAndPlain) {
    EXPECT_TRUE(is_request_id("abc-1.2_X", 64));
    EXPECT_TRUE(is_request_id(std::string(64, 'a'), 64));
    for (const auto& bad : {std::string(), std::string(65, 'a'), std::string("a b"), std::string("a\n"),
                            std::string("\xC3\xA9"), std::string("a\0", 2)}) {
        EXPECT_FALSE(is_request_id(bad, 64)) << bad;
    }
}

TEST(RequestId, OfOursIsAcceptedByEverySurfaceAndNeverTheSame) {
    RequestIds ids;
    const auto first = ids.next();
    EXPECT_EQ(first.size(), 32U);
    EXPECT_TRUE(is_request_id(first, grpc_request_id_bytes_max));
    EXPECT_TRUE(is_request_id(first, http_request_id_bytes_max));
    EXPECT_NE(first, ids.next());
    EXPECT_NE(first, RequestIds().next());
}

}  // namespace
}  // namespace productd
