#include "domain/product.hpp"

#include <gtest/gtest.h>

#include "fakes/sample_product.hpp"

namespace productd {
namespace {

using namespace test;

const Product before{.id = id_of(1),
                     .category_id = CategoryId::parse("0123456789abcdef01234567").value(),
                     .name = "Stool",
                     .description = "A stool",
                     .price = 1,
                     .image_url = "http://x/before.png",
                     .photos = {{"c"}},
                     .quantity = 7,
                     .rating = 8};

TEST(Product, TakesEveryMemberThatIsGiven) {
    const auto draft = sample_draft();
    const auto after = merged(before, draft);
    EXPECT_EQ(after.id, before.id);
    EXPECT_EQ(after.category_id, draft.category_id);
    EXPECT_EQ(after.name, draft.name);
    EXPECT_EQ(after.description, draft.description);
    EXPECT_EQ(after.price, draft.price);
    EXPECT_EQ(after.image_url, draft.image_url);
    EXPECT_EQ(after.photos, draft.photos);
    EXPECT_EQ(after.quantity, draft.quantity);
    EXPECT_EQ(after.rating, draft.rating);
}

TEST(Product, KeepsEveryMemberThatIsNot) { EXPECT_EQ(merged(before, {}), before); }

TEST(Product, HasNoPriceQuantityOrRatingUnlessGiven) {
    EXPECT_EQ(Product{}.price, 0);
    EXPECT_EQ(Product{}.quantity, 0);
    EXPECT_EQ(Product{}.rating, 0);
}

}  // namespace
}  // namespace productd
