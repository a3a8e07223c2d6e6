// What names a message for ever.
#include "domain/position.hpp"

#include <gtest/gtest.h>

#include "fakes/sample_product.hpp"

namespace productd {
namespace {

using namespace test;

TEST(Positions, AreNamedByTopicPartitionOffsetAndTime) {
    EXPECT_EQ(to_string(Position{{"create-product", 3}, 7, at(1'000)}), "create-product/3/7/1000");
    EXPECT_EQ(to_string(Position{{"create-product"}, 7}), "create-product/0/7/0") << "without a time";
    EXPECT_EQ(to_string(Position{}), "/0/0/0");
}

}  // namespace
}  // namespace productd
