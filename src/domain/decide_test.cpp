// The rules of change, example by example; as properties they are in decide_properties_test.cpp.
#include "domain/decide.hpp"

#include <gtest/gtest.h>

#include "fakes/sample_product.hpp"

namespace productd {
namespace {

using namespace test;

const Product& product_of(const Stored& stored) { return std::get<StoredProduct>(stored).product; }

template <class T>
bool decides(const Stored& stored, const Change& change) {
    return std::holds_alternative<T>(decide(stored, change));
}

Superseded::Why why(const Stored& stored, const Change& change) {
    return std::get<Superseded>(decide(stored, change)).why;
}

const ProductId chair = id_of(7);

TEST(Decide, CreatesAtVersionOneWithTheMessagesTime) {
    const auto stored = after(Nothing{}, create_of(chair, 5'000));
    EXPECT_EQ(product_of(stored).version, Version{1});
    EXPECT_EQ(product_of(stored).created_at, at(5'000));
    EXPECT_EQ(product_of(stored).updated_at, at(5'000));
}

TEST(Decide, UpdateKeepsCreationTimeAndWhatIsNotGiven) {
    auto draft = test::sample_draft("Table");
    draft.photos.reset();
    draft.category_id.reset();
    draft.image_url = "";
    auto change = update_of(chair, 9'000);
    change.draft = test::valid(std::move(draft));
    const auto before = after(Nothing{}, create_of(chair, 5'000));
    const auto stored = after(before, change);
    EXPECT_EQ(product_of(stored).name, "Table");
    EXPECT_EQ(product_of(stored).photos, product_of(before).photos);
    EXPECT_EQ(product_of(stored).category_id, product_of(before).category_id);
    EXPECT_TRUE(product_of(stored).image_url.empty());
    EXPECT_EQ(product_of(stored).created_at, at(5'000));
    EXPECT_EQ(product_of(stored).updated_at, at(9'000));
    EXPECT_EQ(product_of(stored).version, Version{2});
}

TEST(Decide, DocumentWithoutVersionBecomesVersionOne) {
    StoredProduct older{{.id = chair, .name = "Old chair"}, {}};
    EXPECT_EQ(product_of(after(older, update_of(chair, 1))).version, Version{1});
}

TEST(Decide, UpdateOrRemovalOfNothingIsNotYet) {
    EXPECT_TRUE(decides<NotYet>(Nothing{}, update_of(chair, 1)));
    EXPECT_TRUE(decides<NotYet>(Nothing{}, remove_of(chair, 1)));
}

TEST(Decide, RemovalLeavesATombstoneWithVersionAndHistory) {
    const auto stored = after(Nothing{}, from(create_of(chair), position(3, 1'000)));
    const auto removed = after(stored, remove_of(chair, 2'000));
    const auto& tombstone = std::get<Tombstone>(removed);
    EXPECT_EQ(tombstone.version, Version{2});
    EXPECT_EQ(tombstone.deleted_at, at(2'000));
    EXPECT_EQ(tombstone.history, *history(stored));
}

TEST(Decide, RemovalOfATombstoneCountsAndKeepsTheLaterTime) {
    const auto removed = after(after(Nothing{}, create_of(chair)), remove_of(chair, 5'000));
    const auto again = after(removed, remove_of(chair, 3'000));
    EXPECT_EQ(std::get<Tombstone>(again).version, Version{3});
    EXPECT_EQ(std::get<Tombstone>(again).deleted_at, at(5'000));
}

TEST(Decide, WhatIsOlderThanTheDeletionIsOvertaken) {
    const auto removed = after(after(Nothing{}, create_of(chair)), remove_of(chair, 5'000));
    EXPECT_EQ(why(removed, create_of(chair, 4'999)), Superseded::Why::overtaken);
    EXPECT_EQ(why(removed, update_of(chair, 4'999)), Superseded::Why::overtaken);
    EXPECT_TRUE(decides<NotYet>(removed, update_of(chair, 5'000)));
}

TEST(Decide, WhatADeletionOvertookStaysOvertakenWhenTheProductIsMadeAgain) {
    const auto removed = after(after(Nothing{}, create_of(chair, 1'000)), remove_of(chair, 5'000));
    const auto again = after(removed, create_of(chair, 6'000));
    EXPECT_EQ(why(again, from(update_of(chair, 0), position(3, 4'000, "update-product"))), Superseded::Why::overtaken);
    EXPECT_EQ(why(again, create_of(chair, 4'000)), Superseded::Why::overtaken);
    EXPECT_EQ(version(after(again, update_of(chair, 5'000))), Version{4}) << "as old as the deletion is not older";
    const auto removed_again = after(again, remove_of(chair, 7'000));
    EXPECT_EQ(why(removed_again, update_of(chair, 6'500)), Superseded::Why::overtaken);
}

TEST(Decide, ADeletionWithAnEarlierTimeForgetsNoLaterOne) {
    const auto removed = after(after(Nothing{}, create_of(chair, 100)), remove_of(chair, 200));
    const auto again = after(removed, create_of(chair, 300));
    const auto removed_again = after(again, remove_of(chair, 0));
    EXPECT_EQ(std::get<Tombstone>(removed_again).deleted_at, at(200));
    EXPECT_EQ(why(removed_again, create_of(chair, 180)), Superseded::Why::overtaken);
    EXPECT_EQ(why(after(removed_again, create_of(chair, 250)), update_of(chair, 180)), Superseded::Why::overtaken);
}

TEST(Decide, ProductCreatedAgainGoesOnAtTheTombstonesVersion) {
    const auto removed = after(after(Nothing{}, create_of(chair)), remove_of(chair, 5'000));
    const auto again = after(removed, create_of(chair, 5'000));
    EXPECT_EQ(product_of(again).version, Version{3});
    EXPECT_EQ(product_of(again).created_at, at(5'000));
}

TEST(Decide, SecondCreateOfAnIdIsRejected) {
    const auto decision = decide(after(Nothing{}, create_of(chair)), create_of(chair, 2'000));
    EXPECT_EQ(std::get<Rejected>(decision).error.code, Errc::already_exists);
}

TEST(Decide, ConditionThatDoesNotHoldIsRefused) {
    const auto stored = after(Nothing{}, create_of(chair));
    for (auto change : {update_of(chair, 2'000), remove_of(chair, 2'000)}) {
        change.expected = Version{2};
        EXPECT_EQ(std::get<Refused>(decide(stored, change)).error.code, Errc::aborted);
        EXPECT_TRUE(decides<Refused>(Nothing{}, change));
        EXPECT_TRUE(decides<Refused>(after(stored, remove_of(chair, 1'500)), change));
        change.expected = Version{1};
        EXPECT_TRUE(decides<Write>(stored, change));
    }
}

TEST(Decide, KeyedCreateMakesOneProductOnce) {
    auto keyed = create_of(chair);
    keyed.digest = Digest{1};
    const auto stored = after(Nothing{}, keyed);
    EXPECT_EQ(why(stored, keyed), Superseded::Why::repeated);

    auto other = keyed;
    other.digest = Digest{2};
    EXPECT_EQ(std::get<Rejected>(decide(stored, other)).error.code, Errc::already_exists);

    const auto removed = after(stored, remove_of(chair, 2'000));
    keyed.time = at(9'000);
    EXPECT_EQ(why(removed, keyed), Superseded::Why::spent);
    EXPECT_TRUE(decides<Rejected>(removed, other));
}

TEST(Decide, RedeliveredMessageChangesNothing) {
    const auto stored = after(Nothing{}, from(create_of(chair), position(10, 1'000)));
    EXPECT_EQ(why(stored, from(create_of(chair), position(10, 1'000))), Superseded::Why::redelivered);
    EXPECT_EQ(why(stored, from(update_of(chair, 0), position(9, 900))), Superseded::Why::redelivered);
    EXPECT_TRUE(decides<Write>(stored, from(update_of(chair, 0), position(11, 900))));
    EXPECT_TRUE(decides<Write>(stored, from(update_of(chair, 0), position(10, 900, "update-product"))));
}

TEST(Decide, TopicMadeAnewIsNotMistakenForRedelivery) {
    const auto stored = after(Nothing{}, from(create_of(chair), position(10, 1'000)));
    const auto anew = after(stored, from(update_of(chair, 0), position(0, 1'001)));
    EXPECT_EQ(product_of(anew).version, Version{2});
    const auto& fences = history(anew)->fences;
    EXPECT_TRUE(fences.proves(position(0, 1'001)));
    EXPECT_EQ(fences.look_up(position(1, 1'000)), Seen::never);
}

}  // namespace
}  // namespace productd
