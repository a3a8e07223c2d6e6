// What a fence remembers, and what it forgets.
#include "domain/fences.hpp"

#include <gtest/gtest.h>

#include "fakes/sample_product.hpp"

namespace productd {
namespace {

using namespace test;

TEST(Fences, ForgetTheOldestBeyondSixtyFour) {
    Fences fences;
    for (int n = 0; n < 70; ++n) fences.remember(position(n, 1'000 + n, "t" + std::to_string(n)), at(0));
    EXPECT_EQ(fences.entries().size(), Fences::entries_max);
    EXPECT_EQ(fences.look_up(position(5, 1'005, "t5")), Seen::never);
    EXPECT_EQ(fences.look_up(position(6, 1'006, "t6")), Seen::redelivered);
}

TEST(Fences, RememberTheHighestTimeReadWhateverBecameOfIt) {
    Fences fences;
    fences.remember(position(5, 1'000), at(4'000));
    // Offset 4 was read before with a time of up to 4,000: seen again it is a redelivery.
    EXPECT_EQ(fences.look_up(position(4, 4'000)), Seen::redelivered);
    EXPECT_EQ(fences.look_up(position(4, 4'001)), Seen::never);
}

TEST(Fences, ForgetNoTimeWhileOffsetsRise) {
    Fences fences;
    fences.remember(position(5, 1'000), at(4'000));
    // Read on from a commit by who does not know what times came before.
    fences.remember(position(6, 200), at(200));
    EXPECT_EQ(fences.look_up(position(5, 1'000)), Seen::redelivered);
    EXPECT_EQ(fences.look_up(position(4, 4'000)), Seen::redelivered);
    fences.remember(position(2, 5'000), at(5'000));
    EXPECT_EQ(fences.entries().front(), (Fence{{"create-product", 0}, 2, at(5'000)})) << "a topic made anew";
}

}  // namespace
}  // namespace productd
