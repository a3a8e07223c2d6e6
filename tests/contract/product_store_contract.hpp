// What every ProductStore must do, whatever stands behind it. An adapter's test names a harness and instantiates the
// suites: INSTANTIATE_TYPED_TEST_SUITE_P(Sqlite, ProductStoreContract, SqliteStoreHarness), the same for
// ProductSearchContract (product_search_contract.hpp). A harness is default-constructible and gives
// `ProductStore& store()`, empty at first.
#pragma once

#include <gtest/gtest.h>

#include <atomic>
#include <cfloat>
#include <thread>

#include "contract/product_store_fixture.hpp"

namespace productd::contract {

template <class Harness>
class ProductStoreContract : public ProductStoreFixture<Harness> {};

TYPED_TEST_SUITE_P(ProductStoreContract);

TYPED_TEST_P(ProductStoreContract, FindsWhatIsStoredInTheOrderAsked) {
    this->create(product(1));
    this->create(product(3));
    const auto found = this->find({store_id(3), store_id(2), store_id(1)});
    ASSERT_EQ(found.size(), 3u);
    EXPECT_EQ(std::get<StoredProduct>(found[0]).product, product(3));
    EXPECT_TRUE(std::holds_alternative<Nothing>(found[1]));
    EXPECT_EQ(std::get<StoredProduct>(found[2]).product, product(1));
    EXPECT_TRUE(this->find({}).empty());
    EXPECT_TRUE(await(this->store().check()));
}

TYPED_TEST_P(ProductStoreContract, FindsAProductAskedForTwiceTwice) {
    this->create(product(1));
    const auto found = this->find({store_id(1), store_id(1)});
    ASSERT_EQ(found.size(), 2u);
    EXPECT_EQ(found[0], found[1]);
}

TYPED_TEST_P(ProductStoreContract, RefusesAWriteWhoseVersionIsNotTheStoredOne) {
    this->create(product(1));
    EXPECT_EQ(this->write_one({std::nullopt, StoredProduct{product(1), {}}}), Errc::aborted);
    EXPECT_EQ(this->write_one({Version{2}, StoredProduct{at_version(product(1), 3), {}}}), Errc::aborted);
    EXPECT_EQ(this->write_one({Version{0}, StoredProduct{at_version(product(1), 1), {}}}), Errc::aborted);
    EXPECT_EQ(this->write_one({Version{1}, StoredProduct{product(2), {}}}), Errc::aborted);
    EXPECT_EQ(this->found(1), product(1));
    EXPECT_FALSE(this->found(2));

    EXPECT_EQ(this->write_one({Version{1}, StoredProduct{at_version(product(1), 2), {}}}), std::nullopt);
    EXPECT_EQ(this->found(1)->version, Version{2});
}

TYPED_TEST_P(ProductStoreContract, TakesVersionZeroForAVersionAndNotForNothing) {
    this->create(at_version(product(1), 0));
    EXPECT_EQ(this->write_one({std::nullopt, StoredProduct{product(1), {}}}), Errc::aborted);
    EXPECT_EQ(this->found(1)->version, Version{0});
    EXPECT_EQ(this->write_one({Version{0}, StoredProduct{product(1), {}}}), std::nullopt);
    EXPECT_EQ(this->found(1)->version, Version{1});
}

TYPED_TEST_P(ProductStoreContract, DecidesEachItemOfABatchForItself) {
    this->create(product(1));
    this->create(product(2));
    this->create(product(3));
    this->create(product(6));
    const auto outcomes = this->write({
        {Version{1}, StoredProduct{at_version(product(1), 2), {}}},          // changed
        {Version{7}, StoredProduct{at_version(product(2), 8), {}}},          // not at 7
        {std::nullopt, StoredProduct{product(4), {}}},                       // new
        {Version{1}, Tombstone{store_id(3), Version{2}, time_of(900), {}}},  // deleted
        {std::nullopt, StoredProduct{at_version(product(6), 9), {}}},        // there already
        {Version{1}, StoredProduct{at_version(product(5), 2), {}}},          // not there
    });
    ASSERT_EQ(outcomes.size(), 6u);
    EXPECT_EQ(code(outcomes[0]), std::nullopt);
    EXPECT_EQ(code(outcomes[1]), Errc::aborted);
    EXPECT_EQ(code(outcomes[2]), std::nullopt);
    EXPECT_EQ(code(outcomes[3]), std::nullopt);
    EXPECT_EQ(code(outcomes[4]), Errc::aborted);
    EXPECT_EQ(code(outcomes[5]), Errc::aborted);
    EXPECT_EQ(this->found(1)->version, Version{2});
    EXPECT_EQ(this->found(2)->version, Version{1});
    EXPECT_EQ(this->found(4), product(4));
    EXPECT_TRUE(this->write({}).empty());
}

TYPED_TEST_P(ProductStoreContract, WritesThousandsInOneCall) {
    std::vector<ProductWrite> writes;
    for (int i = 0; i < 3'000; ++i) writes.push_back({std::nullopt, StoredProduct{product(i), {}}});
    for (const auto& outcome : this->write(writes)) ASSERT_EQ(code(outcome), std::nullopt);
    for (const auto& outcome : this->write(writes)) ASSERT_EQ(code(outcome), Errc::aborted);
    EXPECT_EQ(this->found(2'999), product(2'999));
}

TYPED_TEST_P(ProductStoreContract, KeepsATombstoneInPlaceOfADeletedProduct) {
    this->create(product(1));
    const Tombstone tombstone{store_id(1), Version{2}, time_of(5'000), history(3)};
    EXPECT_EQ(this->write_one({Version{1}, tombstone}), std::nullopt);
    EXPECT_EQ(std::get<Tombstone>(this->find({store_id(1)})[0]), tombstone);
    EXPECT_TRUE(this->search("lamp").products.empty());
    EXPECT_EQ(this->search("").total_count, 0);
    EXPECT_TRUE(this->search("").products.empty());
}

TYPED_TEST_P(ProductStoreContract, DeletesADeletedProductOnceMore) {
    this->create(product(1));
    EXPECT_EQ(this->write_one({Version{1}, Tombstone{store_id(1), Version{2}, time_of(10), {}}}), std::nullopt);
    const Tombstone again{store_id(1), Version{3}, time_of(20), history(1)};
    EXPECT_EQ(this->write_one({Version{2}, again}), std::nullopt);
    EXPECT_EQ(std::get<Tombstone>(this->find({store_id(1)})[0]), again);
}

TYPED_TEST_P(ProductStoreContract, KeepsATombstoneOfWhatWasNeverThere) {
    const Tombstone tombstone{store_id(1), Version{1}, time_of(10), history(2)};
    EXPECT_EQ(this->write_one({std::nullopt, tombstone}), std::nullopt);
    EXPECT_EQ(std::get<Tombstone>(this->find({store_id(1)})[0]), tombstone);
}

TYPED_TEST_P(ProductStoreContract, GoesOnAtTheTombstonesVersionWhenAProductIsMadeAgain) {
    this->create(product(1));
    this->write({{Version{1}, Tombstone{store_id(1), Version{2}, time_of(10), {}}}});
    auto again = at_version(product(1), 3);
    again.name = "Another";
    again.created_at = time_of(77'777);
    EXPECT_EQ(this->write_one({std::nullopt, StoredProduct{again, {}}}), Errc::aborted);
    EXPECT_EQ(this->write_one({Version{2}, StoredProduct{again, history(1)}}), std::nullopt);
    EXPECT_EQ(std::get<StoredProduct>(this->find({store_id(1)})[0]), (StoredProduct{again, history(1)}));
    EXPECT_EQ(this->search("another").total_count, 1);
    EXPECT_EQ(this->search("lamp").total_count, 0);
}

TYPED_TEST_P(ProductStoreContract, GivesBackExtremeValuesExactly) {
    using namespace std::string_literals;
    auto extreme = product(1);
    extreme.version = {INT64_MAX};
    extreme.price = DBL_TRUE_MIN;
    extreme.quantity = INT64_MAX;
    extreme.rating = 10;
    extreme.name = "\0\0nul \xF0\x9F\x98\x80 \xF4\x8F\xBF\xBF\0"s;
    extreme.description = "\xEF\xBF\xBF ' \" % _ \\ $ {} \r\n\t \xC2\x80";
    extreme.image_url = "a\0b"s;
    extreme.photos = {"", "p", "\0"s, std::string(70'000, 'x')};
    extreme.category_id = CategoryId({255, 254, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1});
    extreme.updated_at = time_of(-1);
    this->create(extreme);
    EXPECT_EQ(this->found(1), extreme);

    for (const double price : {DBL_MAX, DBL_MIN, 0.1, 1.0 / 3, 4503599627370497.5, 9007199254740993.0, 1e15, 19.99}) {
        auto priced = product(2);
        const auto before = this->found(2);
        priced.version = {before ? before->version.value + 1 : 1};
        priced.price = price;
        priced.quantity = static_cast<std::int64_t>(std::min(price, 9e18));
        this->write({{before ? std::optional(before->version) : std::nullopt, StoredProduct{priced, {}}}});
        EXPECT_EQ(this->found(2), priced) << price;
    }
}

TYPED_TEST_P(ProductStoreContract, ClearsWhatIsCleared) {
    auto full = product(1);
    full.category_id = CategoryId({1, 2, 3});
    full.photos = {"a", "b"};
    full.image_url = "c";
    this->create(full);
    auto bare = at_version(product(1), 2);
    bare.photos.clear();
    bare.image_url.clear();
    bare.category_id = {};
    this->write({{Version{1}, StoredProduct{bare, {}}}});
    EXPECT_EQ(this->found(1), bare);
}

TYPED_TEST_P(ProductStoreContract, RemembersTheWholeHistory) {
    auto whole = history(Fences::entries_max);
    whole.digest = Digest{};
    for (std::size_t i = 0; i < whole.digest->size(); ++i) (*whole.digest)[i] = static_cast<std::uint8_t>(255 - i);
    this->write({{std::nullopt, StoredProduct{product(1), whole}}});
    EXPECT_EQ(std::get<StoredProduct>(this->find({store_id(1)})[0]).history, whole);
    this->write({{Version{1}, Tombstone{store_id(1), Version{2}, time_of(10), whole}}});
    EXPECT_EQ(std::get<Tombstone>(this->find({store_id(1)})[0]).history, whole);
    this->write({{Version{2}, StoredProduct{at_version(product(1), 3), history(1)}}});
    EXPECT_EQ(std::get<StoredProduct>(this->find({store_id(1)})[0]).history, history(1));
}

TYPED_TEST_P(ProductStoreContract, LetsExactlyOneOfConcurrentWritersWinEachVersion) {
    constexpr int rounds = 200;
    this->create(product(1));
    std::array<std::atomic<int>, rounds + 2> winners{};
    const auto race = [&](std::int64_t quantity) {
        for (std::int64_t version = 1; version <= rounds;) {
            auto next = at_version(product(1), version + 1);
            next.quantity = quantity;
            const auto outcome = this->write_one({Version{version}, StoredProduct{next, {}}});
            if (!outcome) winners[static_cast<std::size_t>(version)]++;
            // Whoever lost goes on from what is stored.
            version = outcome ? this->found(1)->version.value : version + 1;
        }
    };
    {
        std::jthread first(race, 1), second(race, 2);
    }
    for (int version = 1; version <= rounds; ++version) EXPECT_EQ(winners[static_cast<std::size_t>(version)], 1);
    EXPECT_EQ(this->found(1)->version, Version{rounds + 1});
}

TYPED_TEST_P(ProductStoreContract, DoesNothingForWhoHasGone) {
    const auto over = std::chrono::steady_clock::now();
    std::vector<ProductWrite> writes;
    writes.push_back({std::nullopt, StoredProduct{product(1), {}}});
    EXPECT_EQ(await(this->store().write(std::move(writes), over)).error().code, Errc::deadline_exceeded);
    EXPECT_EQ(this->found(1), std::nullopt);
    this->create(product(1));
    EXPECT_EQ(await(this->store().find({store_id(1)}, over)).error().code, Errc::deadline_exceeded);
    EXPECT_EQ(await(this->store().search({"lamp"}, over)).error().code, Errc::deadline_exceeded);
}

TYPED_TEST_P(ProductStoreContract, ServesWhoHasTime) {
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::minutes(1);
    std::vector<ProductWrite> writes;
    writes.push_back({std::nullopt, StoredProduct{product(1), {}}});
    writes.push_back({Version{7}, StoredProduct{at_version(product(2), 8), {}}});
    const auto written = this->value_of(await(this->store().write(std::move(writes), deadline)));
    ASSERT_EQ(written.size(), 2u);
    EXPECT_EQ(code(written[0]), std::nullopt);
    EXPECT_EQ(code(written[1]), Errc::aborted);
    EXPECT_EQ(this->value_of(await(this->store().find({store_id(1)}, deadline))).size(), 1u);
    EXPECT_EQ(this->value_of(await(this->store().search({"lamp"}, deadline))).total_count, 1);
}

REGISTER_TYPED_TEST_SUITE_P(ProductStoreContract, DoesNothingForWhoHasGone, ServesWhoHasTime,
                            FindsWhatIsStoredInTheOrderAsked, FindsAProductAskedForTwiceTwice,
                            RefusesAWriteWhoseVersionIsNotTheStoredOne, TakesVersionZeroForAVersionAndNotForNothing,
                            DecidesEachItemOfABatchForItself, WritesThousandsInOneCall,
                            KeepsATombstoneInPlaceOfADeletedProduct, DeletesADeletedProductOnceMore,
                            KeepsATombstoneOfWhatWasNeverThere, GoesOnAtTheTombstonesVersionWhenAProductIsMadeAgain,
                            GivesBackExtremeValuesExactly, ClearsWhatIsCleared, RemembersTheWholeHistory,
                            LetsExactlyOneOfConcurrentWritersWinEachVersion);

}  // namespace productd::contract
