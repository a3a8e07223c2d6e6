// A few hundred seeds, and the simulation itself.
#include "simulation/simulation.hpp"

#include <gtest/gtest.h>

namespace productd::simulation {
namespace {

TEST(Simulation, EveryMessageEndsOnceAndInOrderWhateverGoesWrong) {
    for (std::uint64_t seed = 1; seed <= 200; ++seed) {
        const auto verdict = simulate(plan_of(seed));
        ASSERT_EQ(verdict.violation, "") << "again with its story: simulation --seed " << seed;
    }
}

TEST(Simulation, ASeedRepeatsExactly) {
    const auto first = simulate(plan_of(7));
    const auto second = simulate(plan_of(7), 10);
    EXPECT_EQ(first.hash, second.hash);
    EXPECT_EQ(first.steps, second.steps);
    EXPECT_NE(first.hash, simulate(plan_of(8)).hash);
}

}  // namespace
}  // namespace productd::simulation
