// Tests of the proof that a failure is a product's own.
#include "app/worker/core/successes.hpp"

#include <gtest/gtest.h>

#include "fakes/sample_product.hpp"

namespace productd {
namespace {

using namespace test;

TEST(Successes, AreNoneOfAnotherProductUntilOneIsNoted) {
    Successes successes;
    EXPECT_EQ(successes.other_than(id_of(1)).began, 0U);
    EXPECT_EQ(successes.other_than(id_of(1)).ended, 0U);
    EXPECT_EQ(successes.latest().ended, 0U);
    successes.note({id_of(1), 3, 4});
    EXPECT_EQ(successes.other_than(id_of(1)).began, 0U);
    EXPECT_EQ(successes.other_than(id_of(1)).ended, 0U);
    EXPECT_EQ(successes.other_than(id_of(2)).began, 3U);
    EXPECT_EQ(successes.latest().ended, 4U);
}

TEST(Successes, AreTheLatestOfTwoProducts) {
    Successes successes;
    successes.note({id_of(1), 1, 2});
    successes.note({id_of(2), 3, 4});
    successes.note({id_of(2), 5, 6});
    EXPECT_EQ(successes.other_than(id_of(2)).ended, 2U) << "its own come and go between";
    EXPECT_EQ(successes.other_than(id_of(1)).began, 5U);
    EXPECT_EQ(successes.other_than(id_of(3)).began, 5U);
}

}  // namespace
}  // namespace productd
