// One measure of a product, before it is published and where it is applied.
#include "app/catalog/product_size.hpp"

#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include "app/catalog/catalog_fixture.hpp"
#include "codec/product/product_json.hpp"

namespace productd {
namespace {

using namespace test;

TEST(ProductSize, IsThatOfTheJsonWithTheLongestVersion) {
    auto product = merged(Product{.id = id_of(7)}, sample_draft());
    const auto bytes = encoded_bytes(product);
    product.version = {INT64_MAX};
    std::string text;
    append_product(text, product);
    EXPECT_EQ(bytes, text.size());
    EXPECT_TRUE(check_size(product, bytes));
    EXPECT_EQ(check_size(product, bytes - 1).error().code, Errc::out_of_range);
}

/// Texts as they grow in JSON: plain, escaped, and of several bytes.
std::string random_text() {
    const auto* const piece = *rc::gen::element("a", "\"", "\x01", "\u00e9");
    std::string text = "abc";
    for (auto left = *rc::gen::inRange(0, 60); left > 0; --left) text += piece;
    return text;
}

ValidDraft random_draft() {
    Draft draft{.name = random_text(), .description = random_text(), .price = 0.1, .quantity = INT64_MAX, .rating = 10};
    if (*rc::gen::arbitrary<bool>()) draft.image_url = random_text();
    if (*rc::gen::arbitrary<bool>()) draft.category_id = *rc::gen::element(CategoryId{}, CategoryId({1}));
    if (*rc::gen::arbitrary<bool>()) {
        draft.photos.emplace();
        for (auto left = *rc::gen::inRange(0, 5); left > 0; --left) draft.photos->push_back(random_text());
    }
    return test::valid(std::move(draft));
}

class ProductSizeTest : public CatalogTest {
    void TestBody() override {}

public:
    /// Whether the worker in miniature refused anything that the catalog had published.
    bool applies_what_is_accepted(std::size_t bytes_max, const std::vector<ValidDraft>& drafts) {
        settings.product_bytes_max = bytes_max;
        settings.apply_wait = std::chrono::seconds(10);  // For what is refused, and not told.
        auto target = catalog();
        const auto created = with_worker(target.create(drafts.front(), {}, context()));
        if (!created) return created.error().error.code == Errc::out_of_range && records == 0;
        const auto id = created->product->id;
        bool is_applied = created->state == Written::State::applied;
        for (const auto& draft : drafts) {
            const auto before = records;
            const auto updated = with_worker(target.update(id, draft, {}, context()));
            is_applied &= updated ? updated->state == Written::State::applied
                                  : updated.error().code == Errc::out_of_range && records == before;
        }
        return is_applied;
    }
};

RC_GTEST_PROP(ProductSizeProperty, WhatTheCatalogAcceptsIsNotRefusedForItsSize, ()) {
    ProductSizeTest test;
    const auto bytes_max = *rc::gen::inRange<std::size_t>(300, 1'500);
    std::vector<ValidDraft> drafts;
    for (int n = 0; n < 4; ++n) drafts.push_back(random_draft());
    RC_ASSERT(test.applies_what_is_accepted(bytes_max, drafts));
}

}  // namespace
}  // namespace productd
