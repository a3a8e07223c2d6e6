#include "app/letters/dead_letter_overtaken.hpp"

#include <gtest/gtest.h>

#include "fakes/sample_product.hpp"

namespace productd {
namespace {

using test::at;
using test::id_of;
using test::position;

constexpr auto create = ChangeKind::create;
constexpr auto update = ChangeKind::update;
constexpr auto remove = ChangeKind::remove;

const Position judged_origin = position(10, 1'000, "update-product");

StoredProduct product(std::int64_t created_ms, std::int64_t updated_ms) {
    StoredProduct stored;
    stored.product.id = id_of(1);
    stored.product.created_at = at(created_ms);
    stored.product.updated_at = at(updated_ms);
    return stored;
}

Tombstone tombstone(std::int64_t deleted_ms) { return {.id = id_of(1), .deleted_at = at(deleted_ms), .history = {}}; }

TEST(Overtaken, NothingStoredOvertakesNothing) {
    for (const auto kind : {create, update, remove}) EXPECT_EQ(overtaken_by(kind, judged_origin, Nothing{}), "");
}

TEST(Overtaken, ACreateIsOvertakenByAnythingStored) {
    EXPECT_NE(overtaken_by(create, judged_origin, product(1, 1)), "");
    EXPECT_NE(overtaken_by(create, judged_origin, tombstone(1)), "");
}

TEST(Overtaken, AnUpdateIsOvertakenByALaterChangeOnly) {
    for (const auto kind : {update, remove}) {
        EXPECT_EQ(overtaken_by(kind, judged_origin, product(500, 1'000)), "");
        EXPECT_NE(overtaken_by(kind, judged_origin, product(500, 1'001)), "");
        EXPECT_NE(overtaken_by(kind, judged_origin, product(2'000, 2'001)), "");
    }
}

TEST(Overtaken, AProductMadeAfterItAndNotChangedSinceIsWhatItWaitedFor) {
    EXPECT_EQ(overtaken_by(update, judged_origin, product(2'000, 2'000)), "");
    EXPECT_EQ(overtaken_by(remove, judged_origin, product(2'000, 2'000)), "");
}

TEST(Overtaken, ADeletionAfterItOvertakesItAlsoOnceTheProductIsMadeAgain) {
    EXPECT_EQ(overtaken_by(update, judged_origin, tombstone(1'000)), "");
    EXPECT_NE(overtaken_by(update, judged_origin, tombstone(1'001)), "");
    auto again = product(2'000, 2'000);
    again.history.deleted_at = at(1'500);
    EXPECT_NE(overtaken_by(update, judged_origin, again), "");
    again.history.deleted_at = at(500);
    EXPECT_EQ(overtaken_by(update, judged_origin, again), "");
}

TEST(Overtaken, AFenceAtOrAboveItOvertakesItUnlessTheTopicWasMadeAnew) {
    auto stored = product(500, 500);
    stored.history.fences.remember(position(9, 900, "update-product"), at(900));
    EXPECT_EQ(overtaken_by(update, judged_origin, stored), "");
    stored.history.fences.remember(position(10, 1'000, "update-product"), at(1'000));
    EXPECT_NE(overtaken_by(update, judged_origin, stored), "");
    auto anew = product(500, 500);
    anew.history.fences.remember(position(90, 900, "update-product"), at(900));
    EXPECT_EQ(overtaken_by(update, judged_origin, anew), "");
}

TEST(Overtaken, TheReplayOfAnEarlierLetterDoesNotOvertakeALaterOne) {
    auto stored = product(500, 5'000);
    stored.history.fences.remember(position(50, 5'000, "update-product"), at(5'000));
    KnownReplays replays;
    replays.add(id_of(1), position(9, 900, "update-product"), at(5'000));
    EXPECT_EQ(overtaken_by(update, judged_origin, stored, replays), "");
    EXPECT_NE(overtaken_by(update, position(8, 800, "update-product"), stored, replays), "");
    stored.product.updated_at = at(6'000);  // Somebody else's change.
    EXPECT_NE(overtaken_by(update, judged_origin, stored, replays), "");
}

TEST(Overtaken, TheReplayOfALetterOfAnotherPartitionHidesNotWhoseTheFenceOfThisOneIs) {
    auto stored = product(500, 6'000);
    stored.history.fences.remember(position(50, 5'000, "update-product"), at(5'000));
    stored.history.fences.remember(position(7, 6'000, "update-product", 1), at(6'000));
    KnownReplays replays;
    replays.add(id_of(1), position(9, 900, "update-product"), at(5'000));
    replays.add(id_of(1), position(3, 950, "update-product", 1), at(6'000));
    EXPECT_EQ(overtaken_by(update, judged_origin, stored, replays), "");
    stored.history.fences.remember(position(51, 5'500, "update-product"), at(5'500));  // Somebody else's.
    EXPECT_NE(overtaken_by(update, judged_origin, stored, replays), "");
}

TEST(Overtaken, TheReplayOfAnotherTopicsLetterLeavesTheFenceOfThisOne) {
    auto stored = product(500, 5'000);
    stored.history.fences.remember(position(50, 5'000, "create-product"), at(5'000));
    KnownReplays replays;
    replays.add(id_of(1), position(1, 900, "create-product"), at(5'000));
    EXPECT_EQ(overtaken_by(update, judged_origin, stored, replays), "");
    stored.history.fences.remember(position(12, 1'200, "update-product"), at(1'200));
    EXPECT_NE(overtaken_by(update, judged_origin, stored, replays), "");
}

TEST(Overtaken, WhatCannotBeReadWouldOnlyFailAgain) {
    const auto why = overtaken_by(update, judged_origin, fail(Errc::data_loss, "Its document is damaged."));
    EXPECT_TRUE(why.contains("cannot be read")) << why;
}

}  // namespace
}  // namespace productd
