// What every ChangeFeed must do, whatever store stands behind it. An adapter's test names a harness and instantiates
// the suite: INSTANTIATE_TYPED_TEST_SUITE_P(Sqlite, ChangeFeedContract, SqliteFeedHarness). A harness is
// default-constructible and gives `ProductStore& store()`, empty at first, and `ChangeFeed& feed()` of it.
#pragma once

#include <gtest/gtest.h>

#include <atomic>
#include <thread>

#include "contract/change_feed_fixture.hpp"

namespace productd::contract {

template <class Harness>
class ChangeFeedContract : public ChangeFeedFixture<Harness> {};

TYPED_TEST_SUITE_P(ChangeFeedContract);

TYPED_TEST_P(ChangeFeedContract, BeginsWithAllProductsById) {
    for (const int number : {4, 1, 3, 2, 5}) this->create(product(number));
    this->bury(3, 2);
    std::vector<ProductId> named;
    std::optional<FeedPosition> after;
    for (bool is_end = false; !is_end && named.size() < 10;) {
        const auto page = this->page(after, {.changes_max = 2});
        ASSERT_TRUE(page.is_snapshot);
        ASSERT_LE(page.changes.size(), 2u);
        for (const auto& change : page.changes) named.push_back(change.id);
        after = page.next;
        is_end = page.is_end;
    }
    EXPECT_EQ(named, (std::vector{store_id(1), store_id(2), store_id(4), store_id(5)}));
    EXPECT_TRUE(this->all(*after).empty()) << "nothing was changed since";
}

TYPED_TEST_P(ChangeFeedContract, TellsWhatIsStoredWithItsHistory) {
    const auto begin = this->beginning();
    EXPECT_EQ(this->write_one({std::nullopt, StoredProduct{product(1), history(3)}}), std::nullopt);
    EXPECT_EQ(this->write_one({std::nullopt, Tombstone{store_id(2), {7}, time_of(1), history(2)}}), std::nullopt);
    const auto changes = this->all(begin);
    ASSERT_EQ(changes.size(), 2u);
    EXPECT_EQ(changes[0].id, store_id(1));
    EXPECT_EQ(changes[0].latest, Stored(StoredProduct{product(1), history(3)}));
    EXPECT_EQ(changes[1].id, store_id(2));
    EXPECT_EQ(changes[1].latest, Stored(Tombstone{store_id(2), {7}, time_of(1), history(2)}));
}

TYPED_TEST_P(ChangeFeedContract, TellsOfEachProductLastWhatIsStored) {
    const auto begin = this->beginning();
    this->create(product(1));
    this->create(product(2));
    this->update(1, 2, "Lantern");
    this->bury(2, 2);
    this->bury(1, 3);
    this->update(1, 4, "Torch");
    std::map<ProductId, Stored> last;
    for (const auto& change : this->all(begin)) last.insert_or_assign(change.id, change.latest);
    ASSERT_EQ(last.size(), 2u);
    const auto stored = this->find({store_id(1), store_id(2)});
    EXPECT_EQ(last[store_id(1)], stored[0]);
    EXPECT_EQ(last[store_id(2)], stored[1]);
}

TYPED_TEST_P(ChangeFeedContract, GoesOnBehindEveryPosition) {
    const auto begin = this->beginning();
    this->torment(0, 5, 1);
    const auto all = this->all(begin);
    ASSERT_FALSE(all.empty());
    for (std::size_t i = 0; i < all.size(); ++i) {
        const auto rest = this->all(all[i].position);
        ASSERT_EQ(rest.size(), all.size() - i - 1);
        for (std::size_t k = 0; k < rest.size(); ++k) {
            ASSERT_EQ(rest[k].id, all[i + 1 + k].id);
            ASSERT_EQ(rest[k].latest, all[i + 1 + k].latest);
            ASSERT_EQ(rest[k].position, all[i + 1 + k].position);
        }
    }
}

TYPED_TEST_P(ChangeFeedContract, WaitsForAChange) {
    const auto begin = this->beginning();
    std::thread writer([&] { this->create(product(1)); });
    const auto page = this->next_change(begin);
    writer.join();
    ASSERT_EQ(page.changes.size(), 1u);
    EXPECT_EQ(page.changes[0].id, store_id(1));
}

TYPED_TEST_P(ChangeFeedContract, WaitsNoLongerThanItIsAsked) {
    auto position = this->beginning();
    for (int i = 0; i < 3; ++i) {
        const auto page = this->page(position, {}, std::chrono::steady_clock::now() + std::chrono::milliseconds(5));
        EXPECT_TRUE(page.changes.empty() && page.is_end && !page.is_snapshot);
        position = page.next;
    }
    this->create(product(1));
    EXPECT_EQ(this->next_change(position).changes.size(), 1u);
}

TYPED_TEST_P(ChangeFeedContract, KeepsToItsBounds) {
    const auto begin = this->beginning();
    for (int number = 0; number < 20; ++number) this->create(product(number, "Lamp", std::string(4'000, 'd')));
    for (auto after : {std::optional(begin), std::optional<FeedPosition>()}) {
        std::size_t told = 0;
        for (bool is_end = false; !is_end && !this->HasFailure();) {
            const auto page = this->page(after, {.changes_max = 1'000, .bytes_max = 10'000});
            ASSERT_LE(page.changes.size(), 4u);
            told += page.changes.size();
            after = page.next;
            is_end = page.is_end;
        }
        EXPECT_EQ(told, 20u);
        const auto page = this->page(after, {.changes_max = 1, .bytes_max = 1});
        EXPECT_TRUE(page.changes.empty());
    }
    EXPECT_EQ(this->page(begin, {.changes_max = 1, .bytes_max = 1}).changes.size(), 1u);
    EXPECT_EQ(this->page(begin, {.changes_max = 7}).changes.size(), 7u);
}

TYPED_TEST_P(ChangeFeedContract, RefusesWhatIsNoPositionOfItsOwn) {
    this->create(product(1));
    const auto page = this->page(std::nullopt);
    TypeParam other;
    const auto foreign = await(other.feed().changes(page.next, {}, {}, this->soon()));
    ASSERT_FALSE(foreign);
    EXPECT_EQ(foreign.error().code, Errc::out_of_range);
    for (const std::string text : {"", "x", "..", "m-.", "s-.", "s-0.zz", "m-0.zz", "s-0.1.2.3.4"}) {
        const auto refused = this->ask(FeedPosition{text});
        ASSERT_FALSE(refused) << text;
        EXPECT_TRUE(refused.error().code == Errc::invalid_argument || refused.error().code == Errc::out_of_range)
            << text;
    }
    EXPECT_EQ(this->ask(FeedPosition{"no position"}).error().code, Errc::invalid_argument);
}

TYPED_TEST_P(ChangeFeedContract, MirrorsWhatIsChangedDuringItsSnapshot) {
    for (int number = 0; number < 30; ++number) this->create(product(number));
    Mirror mirror;
    int pages = 0;
    for (bool is_end = false; !is_end && !this->HasFailure(); ++pages) {
        const auto page = this->page(mirror.position(), {.changes_max = 7});
        mirror.take(page);
        is_end = page.is_end;
        this->update(pages, 2, "Changed before or behind");
        this->bury(29 - pages, 2);
        this->create(product(30 + pages));
    }
    this->follow(mirror);
    EXPECT_EQ(mirror.products(), this->stored(30 + pages));
}

TYPED_TEST_P(ChangeFeedContract, MirrorsWhatManyWriteAtATime) {
    constexpr int writers = 4;
    constexpr int products = 6;
    Mirror mirror;
    Mirror from_the_middle;
    this->follow(mirror);
    std::vector<std::thread> threads;
    std::atomic<int> left{writers};
    for (int writer = 0; writer < writers; ++writer) {
        threads.emplace_back([&, writer] {
            this->torment(writer * products, products, static_cast<unsigned>(writer));
            --left;
        });
    }
    while (left > 0 && !this->HasFailure()) {
        mirror.take(this->page(mirror.position(), {.changes_max = 5}));
        from_the_middle.take(this->page(from_the_middle.position(), {.changes_max = 3}));
    }
    for (auto& thread : threads) thread.join();
    this->follow(mirror);
    this->follow(from_the_middle);
    EXPECT_EQ(mirror.products(), this->stored(writers * products));
    EXPECT_EQ(from_the_middle.products(), this->stored(writers * products));
}

REGISTER_TYPED_TEST_SUITE_P(ChangeFeedContract, BeginsWithAllProductsById, TellsWhatIsStoredWithItsHistory,
                            TellsOfEachProductLastWhatIsStored, GoesOnBehindEveryPosition, WaitsForAChange,
                            WaitsNoLongerThanItIsAsked, KeepsToItsBounds, RefusesWhatIsNoPositionOfItsOwn,
                            MirrorsWhatIsChangedDuringItsSnapshot, MirrorsWhatManyWriteAtATime);

}  // namespace productd::contract
