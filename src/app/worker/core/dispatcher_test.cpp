// Tests of which call comes next: places, turns, and single probes while the breaker is half open.
#include "app/worker/core/worker_core_fixture.hpp"

namespace productd {
namespace {

using namespace test;
using namespace std::chrono_literals;

class DispatcherTest : public WorkerCoreFixture {
protected:
    /// A product each, and all of them suspects.
    void make_suspects(std::uint32_t from, std::uint32_t to) {
        std::vector<Change> changes;
        for (auto number = from; number <= to; ++number) changes.push_back(create(number));
        read(changes);
        fail_call(call(), Errc::internal);
    }
    /// A call of one change fails alone and opens it; then its pause is over.
    void wait_until_half_open() {
        fail_call(call(), Errc::unavailable);
        pass(1ms);
    }
};

TEST_F(DispatcherTest, WhileHalfOpenThereIsOneCallOfOneChangeAtATime) {
    settings.parallelism = 4;
    settings.breaker.failures_max = 1;
    begin();
    read(create(1));
    read(create(2));
    fail_call(call(), Errc::unavailable);
    read({create(3), create(3), create(4)});
    const auto earlier = call();
    pass(1ms);
    EXPECT_TRUE(calls.empty()) << "one from before runs";
    fail_call(earlier, Errc::unavailable);
    read({create(5), create(5), create(6)});
    pass(1ms);
    ASSERT_EQ(calls.size(), 1U);
    EXPECT_EQ(calls.front().changes.size(), 1U);
    pass(1ms);
    EXPECT_EQ(calls.size(), 1U);
}

TEST_F(DispatcherTest, WhileHalfOpenAlsoAProductThatFailedIsTriedWithOneChange) {
    settings.breaker.failures_max = 1;
    begin();
    read({create(1), create(1), create(1), create(1)});
    wait_until_half_open();
    end_probe(fail(Errc::unavailable, "no"));
    pass(1ms);
    EXPECT_EQ(call().changes.size(), 1U);
}

TEST_F(DispatcherTest, WhoseTurnCameTooEarlyIsTheNextProbe) {
    settings.parallelism = 2;
    settings.breaker = {.failures_max = 1, .backoff = {.min = 1ms, .max = 1h}};
    begin();
    read({create(1), create(2)});
    answer(call(), {ChangeOutcome{standing()}, ChangeOutcome{Error{Errc::internal, "no"}}});
    for (int n = 0; n < 12; ++n) {
        pass(1h);
        while (!probes.empty()) end_probe();
        answer(call(), ChangeOutcome{Error{Errc::internal, "no"}});
    }
    read(update(3));
    answer(call(), ChangeOutcome{NotApplied{}});
    core->look_ended(look().id, fail(Errc::unavailable, "no"), now);
    pass(1ms);
    end_probe(fail(Errc::unavailable, "no"));
    pass(2ms);
    ASSERT_TRUE(calls.empty()) << "its pause is long by now";
    end_probe(fail(Errc::unavailable, "no"));
    pass(1h);
    EXPECT_EQ(ids_of(call()), std::set{id_of(2)});
}

TEST_F(DispatcherTest, EverySecondProbeIsOfAProductFreeOfFailure) {
    settings.parallelism = 2;
    settings.breaker.failures_max = 1;
    begin();
    read(create(1));
    fail_call(call(), Errc::unavailable);
    read({create(2), create(3), create(4), create(5)});
    std::vector<ProductId> probed;
    for (int n = 0; n < 4; ++n) {
        pass(1ms);
        const auto one = call();
        ASSERT_EQ(one.changes.size(), 1U);
        probed.push_back(one.changes.front()->id);
        fail_call(one, Errc::unavailable);
    }
    EXPECT_NE(probed[0], id_of(1));
    EXPECT_EQ(std::ranges::count(probed, id_of(1)) + std::ranges::count(probed, probed[0]), 3)
        << "two of those that failed, and one of the others";
}

TEST_F(DispatcherTest, WithoutAnyProductFreeOfFailureEverySecondProbeIsItsOwnRecord) {
    settings.breaker.failures_max = 1;
    begin();
    read(create(1));
    wait_until_half_open();
    EXPECT_TRUE(calls.empty());
    end_probe(fail(Errc::unavailable, "no"));
    pass(1ms);
    EXPECT_TRUE(probes.empty());
    wait_until_half_open();
    EXPECT_EQ(probes.size(), 1U);
}

TEST_F(DispatcherTest, APlaceIsLeftToTrustedProducts) {
    settings.parallelism = 3;
    begin();
    make_suspects(1, 8);
    pass(1ms);
    EXPECT_EQ(calls.size(), 2U) << "of suspects";
    read(create(9));
    ASSERT_EQ(calls.size(), 3U);
    EXPECT_EQ(ids_of(calls.back()), std::set{id_of(9)});
    read(create(10));
    EXPECT_EQ(calls.size(), 3U) << "there are three places";
}

TEST_F(DispatcherTest, WhereThereIsOnePlaceTrustedProductsHaveEverySecondTurn) {
    begin();
    make_suspects(1, 8);
    std::vector<bool> are_trusted;
    for (std::uint32_t number = 100; number < 106; ++number) {
        pass(1ms);
        read({create(number), create(number + 100)});
        const auto one = call();
        are_trusted.push_back(ids_of(one).contains(id_of(number)) || one.changes.front()->id > id_of(99));
        apply(one);
    }
    for (std::size_t n = 1; n < 4; ++n) EXPECT_NE(are_trusted[n], are_trusted[n - 1]) << n;
}

TEST_F(DispatcherTest, WhatRanOutOfTimeIsGivenLongerTheNextTime) {
    settings.call_timeout = 100ms;
    begin();
    read(create(1));
    const auto first = call();
    EXPECT_EQ(first.limit, 100ms);
    fail_call(first, Errc::deadline_exceeded);
    pass(1ms);
    while (calls.empty()) {
        end_probe();
        pass(1ms);
    }
    EXPECT_EQ(call().limit, 200ms);
}

TEST_F(DispatcherTest, ALookAsksForAHundredProductsAlsoWhereTheStoreIsGivenFewChangesAtATime) {
    settings.batch_max = 10;
    settings.parallelism = 2;
    begin();
    for (std::uint32_t number = 1; number <= 120; number += 10) {
        std::vector<Change> changes;
        for (auto one = number; one < number + 10; ++one) changes.push_back(update(one));
        read(changes);
        answer(call(), ChangeOutcome{NotApplied{}});
    }
    if (looks.empty()) pass(1s);
    find(look());
    pass(1s);
    EXPECT_EQ(look().ids.size(), 100U);
}

TEST_F(DispatcherTest, OfMoreThanALookMayAskForEachHasItsTurn) {
    settings.parallelism = 2;
    std::vector<Change> changes;
    for (std::uint32_t number = 1; number <= 150; ++number) changes.push_back(update(number));
    settings.batch_max = 10;
    core.emplace(settings, observer, 1);
    assign({settings.topics.create, settings.topics.update, settings.topics.remove});
    read(changes);
    std::map<ProductId, int> asked;
    for (int n = 0; n < 30 && asked.size() < 150; ++n) {
        while (!calls.empty()) answer(call(), ChangeOutcome{NotApplied{}});
        while (!looks.empty()) find(look());
        pass(1s);
        if (calls.empty() && looks.size() == 1) {
            for (const auto& id : looks.front().ids) ++asked[id];
        }
    }
    EXPECT_EQ(asked.size(), 150U);
    for (const auto& [id, times] : asked) EXPECT_LE(times, 2) << id.hex();
}

TEST_F(DispatcherTest, SuspectsLooksAndCulpritsTakeTurns) {
    settings.parallelism = 2;
    settings.breaker.failures_max = 1'000;
    begin();
    read(update(50));
    answer(call(), ChangeOutcome{NotApplied{}});
    if (!looks.empty()) find(look());
    // One fails while another does not: a culprit.
    read({create(60), create(61)});
    answer(call(), {ChangeOutcome{standing()}, ChangeOutcome{Error{Errc::internal, "no"}}});
    make_suspects(1, 30);
    std::vector<char> turns;
    while (turns.size() < 9) {
        pass(1s);
        while (!probes.empty()) end_probe();
        if (!looks.empty()) {
            turns.push_back('l');
            find(look());
            continue;
        }
        const auto one = call();
        turns.push_back(ids_of(one).contains(id_of(61)) ? 'c' : 's');
        fail_call(one, Errc::internal);
    }
    for (const char kind : {'l', 'c', 's'}) EXPECT_EQ(std::ranges::count(turns, kind), 3) << kind;
}

}  // namespace
}  // namespace productd
