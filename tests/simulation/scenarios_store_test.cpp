// Scenarios of a store that fails, hangs, or refuses: what earlier drafts of the worker did wrong.
#include "simulation/scenario.hpp"

namespace productd::simulation {
namespace {

using namespace std::chrono_literals;

class StoreScenario : public Scenario {
protected:
    void publish_creates(std::size_t from, std::size_t to) {
        for (auto n = from; n < to; ++n) publish(create_of(n));
    }
    void expect_sound_end_within(Time time) {
        EXPECT_TRUE(run_until([&] { return truth().unended_sound() == 0; }, time)) << truth().first_unended();
        expect_sound();
    }
};

TEST_F(StoreScenario, TheBreakerOpensSoonHoweverManyProductsHangWithTheStore) {
    for (const std::size_t products : {1U, 2U, 1'000U}) {
        begin();
        world().weather.hangs = true;
        publish_creates(0, products);
        EXPECT_TRUE(run_until([&] { return is_breaker_open(); }, 25s)) << products;
        world().weather.hangs = false;
        expect_all_done_within(5min);
        EXPECT_EQ(letters(), 0U);
    }
}

TEST_F(StoreScenario, TheBreakerOpensSoonAlsoWhereOnlySuspectsAreHeld) {
    begin();
    world().weather.is_down = true;
    publish_creates(0, 10);
    pass(50ms);
    world().weather = {.hangs = true};
    EXPECT_TRUE(run_until([&] { return is_breaker_open(); }, 25s));
    world().weather.hangs = false;
    expect_all_done_within(5min);
    EXPECT_EQ(letters(), 0U);
}

TEST_F(StoreScenario, WorkGoesOnWithAStoreThatTakesSecondsForEver) {
    begin();
    world().weather.is_slow = true;
    publish_creates(0, 500);
    expect_all_done_within(1h);
    EXPECT_EQ(letters(), 0U);
}

TEST_F(StoreScenario, AChangeThatBreaksEveryCallIsFoundAloneAndAmongOthers) {
    for (const std::size_t parallelism : {1U, 4U}) {
        for (const std::size_t others : {0U, 200U}) {
            settings().parallelism = parallelism;
            begin();
            truth().broken[product(1'000)] = Broken::breaks_calls;
            publish(create_of(1'000));
            publish_creates(0, others);
            expect_sound_end_within(60s);
            expect_all_done_within(20min);
            EXPECT_EQ(letters(), 1U) << parallelism << " at a time, " << others << " others";
        }
    }
}

TEST_F(StoreScenario, NineDocumentsThatAValidatorRefusesAreCondemnedAndNoOthers) {
    begin();
    for (std::size_t n = 0; n < 9; ++n) truth().broken[product(n * 200)] = Broken::refused;
    publish_creates(0, 2'000);
    expect_all_done_within(60s);
    EXPECT_EQ(letters(), 9U);
}

TEST_F(StoreScenario, WhatIsStoredOfNineProductsCannotBeReadAndOnlyTheirMessagesAreCondemned) {
    begin();
    for (std::size_t n = 0; n < 9; ++n) truth().broken[product(n * 200)] = Broken::unreadable;
    publish_creates(0, 2'000);
    for (std::size_t n = 0; n < 2'000; ++n) publish(update_of(n));
    expect_all_done_within(2min);
    EXPECT_EQ(letters(), 18U);
}

TEST_F(StoreScenario, NothingIsCondemnedWhileOneOfTwoShardsElects) {
    begin();
    suffer(&Weather::third_fails, 12s);
    publish(create_of(0));
    publish(create_of(1));
    every(20ms, 12s, [&] {
        publish(update_of(0));
        publish(update_of(1));
    });
    pass(12s);
    expect_all_done_within(60s);
    EXPECT_EQ(letters(), 0U);
}

TEST_F(StoreScenario, NothingIsCondemnedWhileAThirdOfAllProductsFails) {
    settings().in_flight_max = 200;
    begin();
    suffer(&Weather::third_fails, 30s);
    std::size_t n = 0;
    every(10ms, 30s, [&] { publish(create_of(n++)); });
    pass(30s);
    expect_all_done_within(2min);
    EXPECT_EQ(letters(), 0U);
}

TEST_F(StoreScenario, NothingIsCondemnedWhileWritesAreBlocked) {
    begin();
    publish_creates(0, 20);
    expect_all_done_within(10s);
    suffer(&Weather::writes_blocked, 10min);
    for (std::size_t n = 0; n < 40; ++n) publish(update_of(n % 20));
    for (std::size_t n = 100; n < 120; ++n) publish(update_of(n));
    pass(1min);
    EXPECT_TRUE(is_breaker_open());
    pass(9min);
    EXPECT_EQ(letters(), 0U);
    for (std::size_t m = 100; m < 120; ++m) publish(create_of(m));
    expect_all_done_within(5min);
    EXPECT_EQ(letters(), 0U);
}

TEST_F(StoreScenario, AProductThatOthersChangeWithoutPauseHoldsUpNobody) {
    begin();
    publish_creates(0, 50);
    expect_all_done_within(10s);
    every(1ms, 60s, [&] {
        auto change = update_of(0);
        change_directly(world(), change);
    });
    publish(update_of(0));
    std::vector<Position> others;
    for (std::size_t n = 1; n < 50; ++n) others.push_back(publish(update_of(n)));
    pass(5s);
    for (const auto& other : others) EXPECT_TRUE(truth().at(other).is_ended());
    pass(55s);
    EXPECT_FALSE(is_breaker_open());
    expect_all_done_within(10s);
    EXPECT_EQ(letters(), 0U);
}

TEST_F(StoreScenario, TwelveThousandMessagesOfAProductThatCannotBeStoredHoldUpNobody) {
    for (const auto how : {Broken::item_fails, Broken::breaks_calls, Broken::refused, Broken::unreadable}) {
        begin();
        truth().broken[product(0)] = how;
        for (std::size_t n = 0; n < 12'000; ++n) {
            publish(n % 2 == 0 ? create_of(0) : update_of(0));
            if (n % 100 == 0) publish(create_of(1 + n / 100));
        }
        expect_sound_end_within(24h);
        expect_all_done_within(24h);
    }
}

/// Each such message takes minutes, longer than an election: once there are more than a lane holds, what stands behind
/// them in their partition waits.
TEST_F(StoreScenario, AsManyMessagesOfAProductThatIsUnavailableAsALaneHoldsHoldUpNobody) {
    for (const auto how : {Broken::item_unavailable, Broken::hangs_calls}) {
        begin();
        truth().broken[product(0)] = how;
        for (std::size_t n = 0; n < 900; ++n) {
            publish(n % 2 == 0 ? create_of(0) : update_of(0));
            if (n % 10 == 0) publish(create_of(1 + n / 10));
        }
        expect_sound_end_within(2min);
    }
}

TEST_F(StoreScenario, ARecordOfNothingButEmptyHeadersKeepsTheBound) {
    begin();
    world().weather.is_slow = true;
    for (std::size_t n = 0; n < 5'000; ++n) {
        auto change = create_of(n);
        change.draft = draft_of(n, [](Draft& draft) { draft.description = std::string(500, 'x'); });
        publish(change);
    }
    const TopicPartition source{settings().topics.create, 0};
    auto fact = truth().log.at(source).front();
    fact.id = product(1'000);
    fact.message.headers = {};
    for (int i = 0; i < 300'000; ++i) fact.message.headers.push_back({"h", ""});
    fact.message.value->replace(fact.message.value->find(product(0).hex()), 24, product(1'000).hex());
    truth().publish(source, std::move(fact));
    expect_all_done_within(4h);
}

}  // namespace
}  // namespace productd::simulation
