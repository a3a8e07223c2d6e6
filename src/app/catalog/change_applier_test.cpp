// What a create costs the store, and that what is presumed of it is believed only once it is written.
#include "app/catalog/change_applier.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "fakes/await.hpp"
#include "fakes/fake_ports.hpp"
#include "fakes/sample_product.hpp"

namespace productd {
namespace {

using namespace test;
using testing::VariantWith;

Position at_offset(std::int64_t offset) { return {{"create-product", 0}, offset}; }

class ChangeApplierTest : public testing::Test {
protected:
    static SharedChange change(ChangeKind kind, std::uint32_t number, std::int64_t offset, double price = 10.5) {
        Change made{.kind = kind, .id = id_of(number), .time = at(1'000 + offset)};
        if (kind != ChangeKind::remove) made.draft = valid(sample_draft("Chair", price));
        made.source = Source{.position = at_offset(offset)};
        return std::make_shared<Change>(std::move(made));
    }
    Result<std::vector<ChangeOutcome>> apply(std::vector<SharedChange> changes) {
        return await(applier_.apply(std::move(changes), Deadline::max(), Creates::presumed_new));
    }
    /// The one outcome of one change.
    ChangeOutcome apply_one(SharedChange change) { return apply({std::move(change)})->front(); }

    FakeProductStore store_;
    FakeProductCache cache_;
    ChangeApplier applier_{store_, cache_, 256 * 1024};
};

TEST_F(ChangeApplierTest, ACreateIsWrittenWithoutALook) {
    EXPECT_THAT(apply_one(change(ChangeKind::create, 1, 0)), VariantWith<Applied>(testing::_));
    EXPECT_EQ(store_.finds, 0);
    EXPECT_EQ(store_.writes, 1);
    EXPECT_TRUE(cache_.entries.contains(id_of(1)));
}

TEST_F(ChangeApplierTest, ACreateThatMayHaveBeenStoredBeforeIsLookedForFirst) {
    const auto made = change(ChangeKind::create, 1, 0);
    apply_one(made);
    const auto again = await(applier_.apply({made}, Deadline::max(), Creates::looked_for));
    EXPECT_THAT(again->front(), VariantWith<Unchanged>(testing::_));
    EXPECT_EQ(store_.finds, 1);
    EXPECT_EQ(store_.writes, 1);
}

TEST_F(ChangeApplierTest, OnlyTheProductsOfOtherChangesAreLookedFor) {
    apply_one(change(ChangeKind::create, 1, 0));
    const auto outcomes = apply({change(ChangeKind::create, 2, 1), change(ChangeKind::update, 1, 2),
                                 change(ChangeKind::update, 2, 3), change(ChangeKind::remove, 3, 4)});
    EXPECT_THAT(*outcomes, testing::ElementsAre(VariantWith<Applied>(testing::_), VariantWith<Applied>(testing::_),
                                                VariantWith<Applied>(testing::_), VariantWith<NotApplied>(testing::_)));
    EXPECT_EQ(store_.finds, 1);
    EXPECT_EQ(store_.writes, 2);
    EXPECT_EQ(store_.product(id_of(2))->version.value, 2);
}

TEST_F(ChangeApplierTest, ACreateOfWhatIsThereIsDecidedOnWhatIsRead) {
    apply_one(change(ChangeKind::create, 1, 0));
    const auto again = apply_one(change(ChangeKind::create, 1, 0));
    ASSERT_TRUE(std::holds_alternative<Unchanged>(again));
    EXPECT_TRUE(std::get<Unchanged>(again).was_applied);
    EXPECT_THAT(apply_one(change(ChangeKind::create, 1, 5, 99)), VariantWith<Rejected>(testing::_));
    EXPECT_EQ(store_.finds, 2);
    EXPECT_EQ(store_.product(id_of(1))->price, 10.5);
}

TEST_F(ChangeApplierTest, WhatCannotBeReadFailsItsCreateByThat) {
    store_.stored[id_of(1)] = Tombstone{.id = id_of(1)};
    store_.unreadable[id_of(1)] = Error{Errc::data_loss, "Damaged.", {}, {}};
    const auto outcome = apply_one(change(ChangeKind::create, 1, 0));
    ASSERT_TRUE(std::holds_alternative<Error>(outcome));
    EXPECT_EQ(std::get<Error>(outcome).code, Errc::data_loss);
}

TEST_F(ChangeApplierTest, AWriteThatFailsIsBlamedOnNothingThatWasOnlyPresumed) {
    apply_one(change(ChangeKind::create, 1, 0));
    // A store may judge the document before it looks whether one is there.
    store_.on_item = [](const ProductWrite& write) -> Result<> {
        if (write.expected) return {};
        return fail(Errc::failed_precondition, "The store takes no such document.");
    };
    EXPECT_THAT(apply_one(change(ChangeKind::create, 1, 0)), VariantWith<Unchanged>(testing::_));
    const auto refused = apply_one(change(ChangeKind::create, 2, 1));
    ASSERT_TRUE(std::holds_alternative<Error>(refused));
    EXPECT_EQ(std::get<Error>(refused).code, Errc::failed_precondition);
}

TEST_F(ChangeApplierTest, ACreateThatIsRejectedUnwrittenIsRejectedOnWhatIsRead) {
    ChangeApplier small(store_, cache_, 100);
    apply_one(change(ChangeKind::create, 1, 0));
    const auto redelivered =
        await(small.apply({change(ChangeKind::create, 1, 0)}, Deadline::max(), Creates::presumed_new));
    EXPECT_THAT(redelivered->front(), VariantWith<Unchanged>(testing::_));
    const auto too_large =
        await(small.apply({change(ChangeKind::create, 2, 1)}, Deadline::max(), Creates::presumed_new));
    EXPECT_THAT(too_large->front(), VariantWith<Rejected>(testing::_));
}

TEST_F(ChangeApplierTest, WhatAWriteThatFailedAsAWholeMayHaveStoredIsForgottenByTheCache) {
    cache_.entries[id_of(1)] = {};  // As not there.
    store_.on_call = [](const char* operation) -> Result<> {
        if (std::string_view(operation) == "find") return {};
        return fail(Errc::unavailable, "The store is down.");
    };
    const auto outcome = apply({change(ChangeKind::create, 1, 0)});
    ASSERT_FALSE(outcome);
    EXPECT_EQ(outcome.error().code, Errc::unavailable);
    EXPECT_FALSE(cache_.entries.contains(id_of(1)));
}

}  // namespace
}  // namespace productd
