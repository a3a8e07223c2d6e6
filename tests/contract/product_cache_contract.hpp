// What every ProductCache must do, whatever stands behind it. An adapter's test names a harness and instantiates the
// suite: INSTANTIATE_TYPED_TEST_SUITE_P(Memory, ProductCacheContract, MemoryCacheHarness).
//
// A harness is default-constructible and gives `ProductCache& cache()`, empty at first, with room for some hundred
// small products and no time-out within a test.
#pragma once

#include <gtest/gtest.h>

#include "app/ports/product_cache.hpp"
#include "fakes/await.hpp"

namespace productd::contract {

inline ProductId cache_id(std::uint8_t number) { return ProductId({0x65, 0, 0, 0, 1, 2, 3, 4, 5, 6, 7, number}); }

inline CachedProduct cached_product(std::uint8_t number, std::int64_t version) {
    using namespace std::string_literals;
    Product product{.id = cache_id(number),
                    .name = "Lamp",
                    .description = "dark \0 and \xF0\x9F\x94\xA6"s,
                    .price = 0.1 + 0.2,
                    .photos = {"a.png", ""},
                    .quantity = INT64_MAX};
    product.version = {version};
    return {std::make_shared<const Product>(std::move(product)), Version{version}};
}

inline CachedProduct cached_tombstone(std::int64_t version) { return {nullptr, Version{version}}; }
inline CachedProduct never_stored() { return {nullptr, std::nullopt}; }

template <class Harness>
class ProductCacheContract : public ::testing::Test {
protected:
    ProductCache& cache() { return harness_.cache(); }
    CacheLookup find(std::uint8_t number) { return await(cache().find(cache_id(number))); }
    void put(std::uint8_t number, CachedProduct entry) { await(cache().put(cache_id(number), std::move(entry))); }
    void fill(std::uint8_t number, CachedProduct entry, CacheTicket ticket) {
        await(cache().fill(cache_id(number), std::move(entry), ticket));
    }
    std::optional<std::int64_t> version(std::uint8_t number) {
        const auto lookup = find(number);
        if (!lookup.hit || !lookup.hit->version) return std::nullopt;
        return lookup.hit->version->value;
    }

    Harness harness_;
};

TYPED_TEST_SUITE_P(ProductCacheContract);

TYPED_TEST_P(ProductCacheContract, KnowsNothingAtFirst) { EXPECT_FALSE(this->find(1).hit); }

TYPED_TEST_P(ProductCacheContract, GivesBackExactlyWhatWasPut) {
    const auto entry = cached_product(1, 7);
    this->put(1, entry);
    const auto lookup = this->find(1);
    ASSERT_TRUE(lookup.hit);
    ASSERT_TRUE(lookup.hit->product);
    EXPECT_EQ(*lookup.hit->product, *entry.product);
    EXPECT_EQ(lookup.hit->version, Version{7});
    EXPECT_FALSE(this->find(2).hit);
}

TYPED_TEST_P(ProductCacheContract, PeekSeesWhatThisProcessHasPut) {
    this->put(1, cached_product(1, 7));
    const auto lookup = this->cache().peek(cache_id(1));
    ASSERT_TRUE(lookup.hit);
    EXPECT_EQ(lookup.hit->version, Version{7});
}

TYPED_TEST_P(ProductCacheContract, NeverLetsAnOlderVersionReplaceANewerOne) {
    this->put(1, cached_product(1, 3));
    this->put(1, cached_product(1, 2));
    EXPECT_EQ(this->version(1), 3);
    this->put(1, cached_tombstone(2));
    EXPECT_EQ(this->version(1), 3);
    EXPECT_TRUE(this->find(1).hit->product);
    this->put(1, cached_product(1, 4));
    EXPECT_EQ(this->version(1), 4);
}

TYPED_TEST_P(ProductCacheContract, ComparesTombstonesByVersionToo) {
    this->put(1, cached_product(1, 1));
    this->put(1, cached_tombstone(2));
    EXPECT_EQ(this->version(1), 2);
    EXPECT_FALSE(this->find(1).hit->product);
    this->put(1, cached_product(1, 1));
    EXPECT_FALSE(this->find(1).hit->product);
    this->put(1, cached_product(1, 3));
    EXPECT_TRUE(this->find(1).hit->product);
}

TYPED_TEST_P(ProductCacheContract, TakesVersionZeroForAVersion) {
    this->put(1, cached_product(1, 0));
    this->put(1, never_stored());
    ASSERT_TRUE(this->find(1).hit);
    EXPECT_TRUE(this->find(1).hit->product);
}

TYPED_TEST_P(ProductCacheContract, RemembersThatThereIsNoProduct) {
    const auto miss = this->find(1);
    this->fill(1, never_stored(), miss.ticket);
    const auto lookup = this->find(1);
    ASSERT_TRUE(lookup.hit);
    EXPECT_FALSE(lookup.hit->product);
    EXPECT_FALSE(lookup.hit->version);
    this->put(1, cached_product(1, 1));
    EXPECT_EQ(this->version(1), 1);
}

TYPED_TEST_P(ProductCacheContract, NeverLetsNeverStoredReplaceWhatHasAVersion) {
    this->put(1, cached_product(1, 1));
    this->put(1, never_stored());
    EXPECT_EQ(this->version(1), 1);
    this->fill(1, never_stored(), this->find(1).ticket);
    EXPECT_EQ(this->version(1), 1);
    this->put(2, cached_tombstone(4));
    this->put(2, never_stored());
    EXPECT_EQ(this->version(2), 4);
}

TYPED_TEST_P(ProductCacheContract, FillsInWhatWasReadAfterAMiss) {
    const auto miss = this->find(1);
    ASSERT_FALSE(miss.hit);
    this->fill(1, cached_product(1, 5), miss.ticket);
    EXPECT_EQ(this->version(1), 5);
}

TYPED_TEST_P(ProductCacheContract, RefusesAFillThatWasReadBeforeAPut) {
    const auto miss = this->find(1);
    this->put(1, cached_product(1, 2));
    // Even what looks newer: the put tells that the read may be of another time.
    this->fill(1, cached_product(1, 9), miss.ticket);
    EXPECT_EQ(this->version(1), 2);
}

TYPED_TEST_P(ProductCacheContract, RefusesAFillBehindAPutThatKeptNothing) {
    this->put(1, cached_product(1, 5));
    const auto ticket = this->find(1).ticket;
    this->put(1, cached_product(1, 4));
    this->fill(1, cached_product(1, 9), ticket);
    EXPECT_EQ(this->version(1), 5);
}

TYPED_TEST_P(ProductCacheContract, AFillDoesNotReplaceANewerVersionEither) {
    this->put(1, cached_product(1, 5));
    const auto ticket = this->find(1).ticket;
    this->fill(1, cached_product(1, 4), ticket);
    EXPECT_EQ(this->version(1), 5);
}

TYPED_TEST_P(ProductCacheContract, ForgetsWhatIsOlderThanWhatIsStoredAndNothingElse) {
    this->put(1, cached_product(1, 5));
    this->put(2, cached_product(2, 5));
    this->put(3, cached_tombstone(5));
    this->fill(4, never_stored(), this->find(4).ticket);
    await(this->cache().forget_older(
        {{cache_id(1), Version{6}}, {cache_id(2), Version{5}}, {cache_id(3), Version{6}}, {cache_id(4), Version{1}}}));
    EXPECT_FALSE(this->find(1).hit);
    EXPECT_EQ(this->version(2), 5);
    EXPECT_FALSE(this->find(3).hit);
    EXPECT_FALSE(this->find(4).hit);
}

TYPED_TEST_P(ProductCacheContract, ForgettingRefusesWhatWasReadBefore) {
    const auto miss = this->find(1);
    await(this->cache().forget_older({{cache_id(1), Version{2}}}));
    this->fill(1, cached_product(1, 1), miss.ticket);
    EXPECT_FALSE(this->find(1).hit);
}

TYPED_TEST_P(ProductCacheContract, PutsManyAtOnceAsOneByOne) {
    this->put(2, cached_product(2, 9));
    await(this->cache().put_all({{cache_id(1), cached_product(1, 1), this->cache().ticket(cache_id(1))},
                                 {cache_id(2), cached_product(2, 8), this->cache().ticket(cache_id(2))},
                                 {cache_id(3), cached_tombstone(3)}}));
    EXPECT_EQ(this->version(1), 1);
    EXPECT_EQ(this->version(2), 9);
    EXPECT_EQ(this->version(3), 3);
}

TYPED_TEST_P(ProductCacheContract, SaysWhetherAFillWasKept) {
    const auto miss = this->find(1);
    EXPECT_TRUE(await(this->cache().fill(cache_id(1), cached_product(1, 1), miss.ticket)));
    EXPECT_FALSE(await(this->cache().fill(cache_id(2), cached_product(2, 1), [&] {
        const auto before = this->find(2).ticket;
        this->put(2, cached_product(2, 2));
        return before;
    }())));
}

TYPED_TEST_P(ProductCacheContract, PeekGivesATicketToo) {
    const auto miss = this->cache().peek(cache_id(1));
    this->put(1, cached_product(1, 2));
    this->fill(1, cached_product(1, 9), miss.ticket);
    EXPECT_EQ(this->version(1), 2);
    const auto again = this->cache().peek(cache_id(2));
    this->fill(2, cached_product(2, 1), again.ticket);
    EXPECT_EQ(this->version(2), 1);
}

REGISTER_TYPED_TEST_SUITE_P(ProductCacheContract, KnowsNothingAtFirst, GivesBackExactlyWhatWasPut,
                            PeekSeesWhatThisProcessHasPut, NeverLetsAnOlderVersionReplaceANewerOne,
                            ComparesTombstonesByVersionToo, TakesVersionZeroForAVersion, RemembersThatThereIsNoProduct,
                            NeverLetsNeverStoredReplaceWhatHasAVersion, FillsInWhatWasReadAfterAMiss,
                            RefusesAFillThatWasReadBeforeAPut, RefusesAFillBehindAPutThatKeptNothing,
                            AFillDoesNotReplaceANewerVersionEither, ForgetsWhatIsOlderThanWhatIsStoredAndNothingElse,
                            ForgettingRefusesWhatWasReadBefore, PutsManyAtOnceAsOneByOne, SaysWhetherAFillWasKept,
                            PeekGivesATicketToo);

}  // namespace productd::contract
