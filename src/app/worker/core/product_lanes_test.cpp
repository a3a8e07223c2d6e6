// Tests of the lanes: whose turn it is, what a call takes, and which partitions a full lane holds.
#include "app/worker/core/product_lanes_fixture.hpp"

namespace productd {
namespace {

using namespace std::chrono_literals;
using namespace test;
using Standing = WorkItem::Standing;

class ProductLanesTest : public ProductLanesFixture {};

TEST_F(ProductLanesTest, AProductsMessagesComeInTheOrderOfTheirArrivalWhateverTheirKind) {
    const auto create = add(1, ChangeKind::create);
    const auto removal = add(1, ChangeKind::remove);
    const auto update = add(1);
    EXPECT_EQ(take(), (std::vector{create, removal, update}));
    EXPECT_TRUE(take().empty()) << "one call at a time has messages of it";
}

TEST_F(ProductLanesTest, ACallTakesSoManyLanesAndSoManyMessages) {
    for (std::uint32_t number = 0; number < 6; ++number) add_many(2, number);
    EXPECT_EQ(take(Trust::trusted, 5).size(), 5U);
    EXPECT_EQ(take(Trust::trusted, 10, 2).size(), 4U);
    EXPECT_EQ(take().size(), 2U);
}

TEST_F(ProductLanesTest, ACallTakesAtMostTwoHundredOfOneProduct) {
    add_many(300, 1);
    add(2);
    const auto first = take();
    EXPECT_EQ(first.size(), 201U);
    end_all(first);
    EXPECT_EQ(take().size(), 100U);
}

// One write of both would leave a fence of the later life only.
TEST_F(ProductLanesTest, ACallHasMessagesOfOneLifeOfAProductsPartition) {
    auto& tracker = partitions[static_cast<std::size_t>(ChangeKind::update)]->tracker;
    tracker.begin({.offset = 5});
    const auto before = add_many(2, 1);
    const auto of_another_topic = add(1, ChangeKind::remove);
    const auto other = add(2);
    tracker.begin({.offset = 0});
    auto after = add_many(2, 1);
    for (const auto& item : after) item->life = tracker.life();
    EXPECT_EQ(take(), (std::vector{before[0], before[1], of_another_topic, other}));
    end_all({before[0], before[1], of_another_topic, other});
    EXPECT_EQ(take(), after);
}

TEST_F(ProductLanesTest, TheSmallestLimitAmongItsLanesBoundsTheCall) {
    for (std::uint32_t number = 0; number < 5; ++number) add(number);
    const auto all = take();
    for (const auto& item : all) {
        auto& one = lanes.at(item->event.change.id);
        lanes.trust(one, Trust::suspect);
        one.limit = 2;
        lanes.give_back(one, {item});
        lanes.release(one);
    }
    EXPECT_TRUE(take().empty());
    EXPECT_EQ(take(Trust::suspect).size(), 2U);
    EXPECT_EQ(take(Trust::suspect).size(), 2U);
    EXPECT_EQ(take(Trust::suspect).size(), 1U);
}

TEST_F(ProductLanesTest, WhatIsGivenBackIsInFrontAgainInItsOrder) {
    const auto first = add_many(3, 1);
    const auto taken = take(Trust::trusted, 2);
    EXPECT_EQ(lane(1).size(), 3U) << "what is taken counts";
    lanes.give_back(lane(1), taken);
    lanes.release(lane(1));
    EXPECT_EQ(lane(1).size(), 3U);
    EXPECT_EQ(take(), first);
}

TEST_F(ProductLanesTest, ALaneThatIsDueLaterWaitsForItsTime) {
    const auto item = add(1);
    const auto taken = take();
    lane(1).due = now + 10ms;
    lanes.give_back(lane(1), taken);
    lanes.release(lane(1));
    EXPECT_TRUE(take().empty());
    EXPECT_EQ(lanes.next_due(), now + 10ms);
    EXPECT_TRUE(lanes.take(Trust::trusted, 1, 1, now + 9ms).empty());
    EXPECT_EQ(lanes.take(Trust::trusted, 1, 1, now + 10ms), std::vector{item});
    EXPECT_FALSE(lanes.next_due());
}

TEST_F(ProductLanesTest, NothingIsKeptOfAProductWithoutMessages) {
    add(1);
    end_all(take());
    EXPECT_EQ(lanes.find(id_of(1)), nullptr);
    add(1);
    lanes.trust(lane(1), Trust::culprit);
    EXPECT_EQ(lanes.culprits(), 1U);
    lanes.reschedule(lane(1), {});
    end_all(take(Trust::culprit));
    EXPECT_EQ(lanes.culprits(), 0U);
    EXPECT_EQ(lanes.find(id_of(1)), nullptr);
}

TEST_F(ProductLanesTest, WhatACulpritHasIsFailingAndNoLagUntilItIsTrustedAgain) {
    const auto item = add(1);
    lanes.trust(lane(1), Trust::culprit);
    EXPECT_EQ(item->standing, Standing::failing);
    EXPECT_EQ(add(1)->standing, Standing::failing);
    EXPECT_EQ(intake.failing().messages, 2U);
    EXPECT_EQ(intake.oldest_active(), nullptr);
    lanes.trust(lane(1), Trust::trusted);
    EXPECT_EQ(intake.failing().messages, 0U);
    EXPECT_EQ(lanes.culprits(), 0U);
}

TEST_F(ProductLanesTest, AParkedQueueWaitsAndHoldsUpNoOtherKind) {
    const auto update = add(1);
    EXPECT_FALSE(lane(1).has_create());
    const auto create = add(1, ChangeKind::create);
    lanes.park(lane(1), ChangeKind::update);
    EXPECT_EQ(lanes.parked(), std::set{id_of(1)});
    EXPECT_EQ(update->standing, Standing::parked);
    EXPECT_EQ(add(1)->standing, Standing::parked);
    const auto taken = take();
    EXPECT_EQ(taken, std::vector{create});
    EXPECT_TRUE(lane(1).has_create());
    end_all(taken);
    EXPECT_FALSE(lane(1).has_create());
    lanes.unpark(lane(1));
    EXPECT_TRUE(lanes.parked().empty());
    EXPECT_EQ(update->standing, Standing::ordinary);
    EXPECT_EQ(take().front(), update);
}

TEST_F(ProductLanesTest, AQueueFromWhichTheLastParkedMessageIsTakenIsParkedNoMore) {
    add_many(2, 1);
    lanes.park(lane(1), ChangeKind::update);
    lanes.take_parked(lane(1), ChangeKind::update);
    EXPECT_FALSE(lanes.parked().empty());
    lanes.take_parked(lane(1), ChangeKind::update);
    EXPECT_TRUE(lanes.parked().empty());
    const auto next = add(1);
    EXPECT_EQ(next->standing, Standing::ordinary);
}

TEST_F(ProductLanesTest, LaterOnesOfItsKindWaitForALetter) {
    add(1);
    const auto condemned = take().front();
    const auto later = add(1);
    const auto create = add(1, ChangeKind::create);
    lanes.await_letter(condemned);
    lanes.release(lane(1));
    EXPECT_EQ(later->standing, Standing::failing);
    EXPECT_EQ(create->standing, Standing::ordinary);
    EXPECT_EQ(take(), std::vector{create});
    lanes.release(lane(1));
    end(condemned);
    lanes.letter_ended(condemned);
    lanes.letter_ended(condemned);
    EXPECT_EQ(later->standing, Standing::ordinary);
    EXPECT_EQ(take(), std::vector{later});
}

TEST_F(ProductLanesTest, ACreateWhoseLetterIsNotAcknowledgedIsStillACreateOfItsProduct) {
    add(1, ChangeKind::create);
    const auto condemned = take().front();
    lanes.await_letter(condemned);
    lanes.release(lane(1));
    EXPECT_TRUE(lane(1).has_create());
    lanes.letter_ended(condemned);
    EXPECT_EQ(lanes.find(id_of(1)), nullptr);
}

TEST_F(ProductLanesTest, ALaneAtItsBoundHoldsThePartitionsThatFillItUntilATenthIsFree) {
    auto items = add_many(9, 1);
    EXPECT_EQ(partitions[1]->crowded_lanes, 0U);
    items.push_back(add(1));
    EXPECT_EQ(partitions[1]->crowded_lanes, 1U);
    add(1);
    EXPECT_EQ(partitions[1]->crowded_lanes, 1U) << "once for a lane";
    auto taken = take();
    ASSERT_EQ(taken.size(), 11U);
    end(taken.front());
    lanes.give_back(lane(1), {taken.begin() + 1, taken.end()});
    lanes.release(lane(1));
    EXPECT_EQ(partitions[1]->crowded_lanes, 1U) << "ten are left";
    taken = take();
    end(taken.front());
    lanes.give_back(lane(1), {taken.begin() + 1, taken.end()});
    lanes.release(lane(1));
    EXPECT_EQ(partitions[1]->crowded_lanes, 0U) << "nine are left";
}

TEST_F(ProductLanesTest, WhatWaitsForACreateHoldsNoPartitionOfCreates) {
    add_many(10, 1);
    lanes.park(lane(1), ChangeKind::update);
    add_many(9, 1, ChangeKind::create);
    EXPECT_EQ(partitions[0]->crowded_lanes, 0U);
    add(1, ChangeKind::create);
    EXPECT_EQ(partitions[0]->crowded_lanes, 1U);
}

TEST_F(ProductLanesTest, ForgetsWhatWaitsOfAPartitionAndNothingElse) {
    const auto lost = partition(ChangeKind::update);
    for (int n = 0; n < 10; ++n) add(1, ChangeKind::update, lost);
    const auto kept = add(1);
    add(2, ChangeKind::update, lost);
    lanes.park(lane(2), ChangeKind::update);
    lane(1).accused = lane(1).queue(ChangeKind::update).items.front();
    for (const auto& item : intake.of(*lost)) end(item);
    lanes.forget(*lost);
    EXPECT_EQ(lanes.find(id_of(2)), nullptr);
    EXPECT_TRUE(lanes.parked().empty());
    EXPECT_EQ(lane(1).accused, nullptr);
    EXPECT_TRUE(lane(1).crowded.empty());
    EXPECT_EQ(partitions[1]->crowded_lanes, 0U) << "there is room again";
    EXPECT_EQ(take(), std::vector{kept});
}

TEST_F(ProductLanesTest, AMessageTakenWhenItsPartitionIsLostIsNotPutBack) {
    const auto item = add(1);
    const auto taken = take();
    end(item);
    lanes.forget(*partitions[1]);
    ASSERT_NE(lanes.find(id_of(1)), nullptr) << "its call runs";
    lanes.give_back(lane(1), taken);
    lanes.release(lane(1));
    EXPECT_EQ(lanes.find(id_of(1)), nullptr);
}

}  // namespace
}  // namespace productd
