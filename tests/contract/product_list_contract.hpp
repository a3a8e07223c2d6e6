// In which order every ProductStore lists its products, and how a list goes on. See product_store_contract.hpp.
#pragma once

#include <gtest/gtest.h>

#include "contract/product_store_fixture.hpp"

namespace productd::contract {

template <class Harness>
class ProductListContract : public ProductStoreFixture<Harness> {};

TYPED_TEST_SUITE_P(ProductListContract);

TYPED_TEST_P(ProductListContract, ListsAllProductsNewestFirstThenById) {
    const auto expected = this->create_many_of_equal_times();
    for (const std::int64_t size : {1, 7, 10, 1'000}) {
        std::vector<Product> listed;
        std::optional<ProductId> after;
        for (;;) {
            const auto part = this->list({after, size});
            if (part.empty()) break;
            ASSERT_LE(std::ssize(part), size);
            listed.insert(listed.end(), part.begin(), part.end());
            after = part.back().id;
        }
        ASSERT_EQ(listed, expected) << size;
    }
}

TYPED_TEST_P(ProductListContract, GoesOnWithAListBehindAProductDeletedMeanwhile) {
    for (int i = 0; i < 6; ++i) this->create(product(i));
    const auto first = this->list({std::nullopt, 3});
    ASSERT_EQ(first.size(), 3u);
    this->write({{Version{1}, Tombstone{first.back().id, Version{2}, time_of(10), {}}}});
    const auto second = this->list({first.back().id, 3});
    ASSERT_EQ(second.size(), 3u);
    EXPECT_EQ(second.front(), product(2));
}

TYPED_TEST_P(ProductListContract, FailsToGoOnBehindAProductItNeverHad) {
    this->create(product(1));
    const auto listed = await(this->store().list({store_id(2), 10}));
    ASSERT_FALSE(listed);
    EXPECT_EQ(listed.error().code, Errc::not_found);
}

TYPED_TEST_P(ProductListContract, MovesAProductThatIsMadeAgainToTheTimeOfItsNewCreation) {
    for (int i = 0; i < 3; ++i) this->create(product(i));
    this->write({{Version{1}, Tombstone{store_id(0), Version{2}, time_of(10), {}}}});
    auto again = at_version(product(0), 3);
    again.created_at = time_of(1'000'000);
    this->write({{Version{2}, StoredProduct{again, {}}}});
    EXPECT_EQ(this->ids(this->list({})), (std::vector{store_id(0), store_id(2), store_id(1)}));
    EXPECT_EQ(this->ids(this->search("lamp").products), (std::vector{store_id(0), store_id(2), store_id(1)}));
}

REGISTER_TYPED_TEST_SUITE_P(ProductListContract, ListsAllProductsNewestFirstThenById,
                            GoesOnWithAListBehindAProductDeletedMeanwhile, FailsToGoOnBehindAProductItNeverHad,
                            MovesAProductThatIsMadeAgainToTheTimeOfItsNewCreation);

}  // namespace productd::contract
