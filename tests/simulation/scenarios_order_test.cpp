// Scenarios of order and of parked messages that broke earlier drafts of the worker.
#include "simulation/scenario.hpp"

namespace productd::simulation {
namespace {

using namespace std::chrono_literals;

using OrderScenario = Scenario;

TEST_F(OrderScenario, AMessageBehindACondemnedOneWaitsForItsLetterAlsoThroughACrash) {
    begin();
    publish(create_of(1));
    expect_all_done_within(10s);
    world().weather.letters_refused = true;
    const auto condemned = publish(create_of(1));
    publish(remove_of(1));
    const auto next = publish(create_of(1));
    pass(5s);
    EXPECT_EQ(truth().at(next).effects, 0);
    simulation->group.crash(0);
    pass(20s);
    EXPECT_FALSE(truth().at(condemned).is_lettered);
    world().weather.letters_refused = false;
    expect_all_done_within(60s);
}

TEST_F(OrderScenario, UpdatesThatFillTheBoundLetTheirCreatesIn) {
    settings().in_flight_max = 10;
    begin();
    for (std::size_t n = 0; n < 10; ++n) publish(update_of(n));
    pass(1s);
    for (std::size_t n = 0; n < 10; ++n) publish(create_of(n));
    expect_all_done_within(60s);
    EXPECT_EQ(letters(), 0U);
}

TEST_F(OrderScenario, CreatesBehindTheUpdatesOfTheirProductAreReadWhileThatIsAtItsBound) {
    settings().lane_max = 10;
    begin();
    for (std::size_t n = 0; n < 30; ++n) publish(update_of(1, n));
    pass(1s);
    for (std::size_t n = 0; n < 5; ++n) {
        auto refused = create_of(1);
        refused.draft = draft_of(n, [](Draft& draft) { draft.description = refused_description; });
        publish(refused);
    }
    pass(1s);
    const auto create = publish(create_of(1));
    expect_all_done_within(60s);
    EXPECT_EQ(truth().at(create).effects, 1);
}

TEST_F(OrderScenario, NoUpdateIsGivenUpWhileItsCreatesLetterIsNotAcknowledged) {
    begin();
    truth().broken[product(1)] = Broken::refused;
    world().weather.letters_refused = true;
    publish(create_of(1));
    const auto update = publish(update_of(1));
    pass(10min);
    EXPECT_FALSE(truth().at(update).is_ended());
    world().weather.letters_refused = false;
    expect_all_done_within(10min);
}

TEST_F(OrderScenario, GarbageIdsWithoutEndBringNothingToAStandstill) {
    begin();
    for (std::size_t n = 0; n < 10; ++n) publish(create_of(n));
    std::size_t garbage = 1'000;
    std::vector<Position> good;
    every(10ms, 60s, [&] { publish(update_of(++garbage)); });
    every(100ms, 60s, [&] { good.push_back(publish(update_of(garbage % 10, garbage))); });
    for (int minute = 0; minute < 6; ++minute) {
        pass(10s);
        EXPECT_TRUE(truth().at(good[good.size() - 50]).is_ended()) << good.size();
    }
    expect_all_done_within(120s);
    EXPECT_EQ(letters(), 6'000U);
}

TEST_F(OrderScenario, ManyUpdatesOfOneProductThatNobodyCreatesEndTogether) {
    begin();
    for (std::size_t n = 0; n < 5'000; ++n) publish(update_of(1, n));
    for (std::size_t n = 0; n < 50; ++n) publish(update_of(2, n));
    publish(create_of(2));
    expect_all_done_within(120s);
    EXPECT_EQ(letters(), 5'000U);
}

TEST_F(OrderScenario, TheSecondOfThreeChangesIsRefusedForGoodAlone) {
    begin();
    publish(create_of(1));
    expect_all_done_within(10s);
    const auto first = publish(update_of(1, 1));
    auto change = update_of(1, 2);
    change.draft =
        draft_of(2, [](Draft& draft) { draft.photos = std::vector<std::string>(1'000, std::string(100, 'x')); });
    const auto second = publish(change);
    const auto third = publish(update_of(1, 3));
    expect_all_done_within(60s);
    EXPECT_EQ(truth().at(first).effects, 1);
    EXPECT_TRUE(truth().at(second).is_lettered);
    EXPECT_EQ(truth().at(third).effects, 1);
}

TEST_F(OrderScenario, TheSecondOfTwoChangesIsRefusedByTheStoreAndTheFirstIsNotCondemnedWithIt) {
    begin();
    publish(create_of(1));
    expect_all_done_within(10s);
    const auto first = publish(update_of(1, 1));
    auto change = update_of(1, 2);
    change.draft = draft_of(2, [](Draft& draft) { draft.description = refused_description; });
    const auto second = publish(change);
    expect_all_done_within(60s);
    EXPECT_EQ(truth().at(first).effects, 1);
    EXPECT_TRUE(truth().at(second).is_lettered);
}

TEST_F(OrderScenario, MoreIsParkedThanASlowStoreCanBeAskedFor) {
    begin();
    world().weather.is_slow = true;
    for (std::size_t n = 0; n < 1'000; ++n) publish(update_of(n));
    pass(30s);
    for (std::size_t n = 0; n < 20; ++n) publish(create_of(n * 50));
    expect_all_done_within(6h);
    EXPECT_EQ(letters(), 980U);
}

TEST_F(OrderScenario, AnUpdateOlderThanItsProductsDeletionIsSupersededAndNoLetter) {
    begin();
    auto change = update_of(1);
    change.time = World::wall_start + 100ms;
    const auto update = publish(change);
    pass(1s);
    change = create_of(1);
    change.time = World::wall_start + 150ms;
    change_directly(world(), change);
    change = remove_of(1);
    change.time = World::wall_start + 200ms;
    change_directly(world(), change);
    expect_all_done_within(60s);
    EXPECT_TRUE(truth().at(update).is_settled);
    EXPECT_EQ(letters(), 0U);
}

}  // namespace
}  // namespace productd::simulation
