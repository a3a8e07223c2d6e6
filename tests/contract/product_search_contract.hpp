// What a search of every ProductStore must find, in which order, and how it counts. See product_store_contract.hpp.
#pragma once

#include <gtest/gtest.h>

#include <set>

#include "contract/product_store_fixture.hpp"

namespace productd::contract {

template <class Harness>
class ProductSearchContract : public ProductStoreFixture<Harness> {
protected:
    /// Numbers of the products found, the newest first.
    std::vector<int> numbers(const std::string& text) {
        std::vector<int> numbers;
        const auto page = this->search(text);
        EXPECT_EQ(page.total_count, std::ssize(page.products)) << text;
        EXPECT_FALSE(page.total_count_capped) << text;
        for (const auto& product : page.products) {
            const auto& bytes = product.id.bytes();
            numbers.push_back(bytes[9] << 16 | bytes[10] << 8 | bytes[11]);
        }
        return numbers;
    }
};

using Numbers = std::vector<int>;

TYPED_TEST_SUITE_P(ProductSearchContract);

TYPED_TEST_P(ProductSearchContract, FindsAPartOfNameOrDescriptionInAnyCase) {
    this->create(product(1, "Desk Lamp", "Steel, 40 cm"));
    this->create(product(2, "Floor lamp", "Shines like a DESK lamp"));
    this->create(product(3, "Chair", "Oak"));
    EXPECT_EQ(this->numbers("desk"), (Numbers{2, 1}));
    EXPECT_EQ(this->numbers("DESK LAMP"), (Numbers{2, 1}));
    EXPECT_EQ(this->numbers("esk lam"), (Numbers{2, 1}));
    EXPECT_EQ(this->numbers("oak"), (Numbers{3}));
    EXPECT_EQ(this->numbers("Chair"), (Numbers{3}));
    EXPECT_EQ(this->numbers("40 cm"), (Numbers{1}));
    EXPECT_EQ(this->numbers("nowhere"), Numbers{});
}

TYPED_TEST_P(ProductSearchContract, FindsTermsOfOneAndTwoCharactersWhereverTheyStand) {
    this->create(product(1, "abc", "xyz"));
    this->create(product(2, "bcd", "q y"));
    EXPECT_EQ(this->numbers("a"), (Numbers{1}));
    EXPECT_EQ(this->numbers("b"), (Numbers{2, 1}));
    EXPECT_EQ(this->numbers("Z"), (Numbers{1}));
    EXPECT_EQ(this->numbers("d"), (Numbers{2}));
    EXPECT_EQ(this->numbers("yz"), (Numbers{1}));
    EXPECT_EQ(this->numbers("CD"), (Numbers{2}));
    EXPECT_EQ(this->numbers("bc"), (Numbers{2, 1}));
    EXPECT_EQ(this->numbers(" y"), (Numbers{2}));
    EXPECT_EQ(this->numbers("k"), Numbers{});
    EXPECT_EQ(this->numbers("ba"), Numbers{});
}

TYPED_TEST_P(ProductSearchContract, NeverFindsAcrossTheEndOfTheNameOrAcrossProducts) {
    this->create(product(1, "one", "two"));
    this->create(product(2, "three", "four"));
    this->create(product(3, "xabc", "bcdy"));  // Their last and first runs of three overlap.
    for (const char* text : {"onetwo", "et", "one two", "e\nt", "twothree", "ne t", "abcd", "xabcdy", "cb"}) {
        EXPECT_EQ(this->numbers(text), Numbers{}) << text;
    }
}

TYPED_TEST_P(ProductSearchContract, NeedsAllOfTheTextInOnePlaceAndInItsOrder) {
    this->create(product(1, "red lamp", "green lamp"));
    EXPECT_EQ(this->numbers("red green"), Numbers{});
    EXPECT_EQ(this->numbers("lamp red"), Numbers{});
    EXPECT_EQ(this->numbers("amplamp"), Numbers{});
    // Every run of three characters of it is there, but not the whole.
    this->create(product(2, "abcdx bcdey cdefz", "no more"));
    EXPECT_EQ(this->numbers("abcdef"), Numbers{});
}

TYPED_TEST_P(ProductSearchContract, TakesTheTextForDataAndNeverForAPattern) {
    this->create(product(1, "100% cotton_shirt", "a \"quoted\" it's \\ back"));
    this->create(product(2, "100 plain shirts", "x* AND y OR (z) NOT .* ^a$ [a-z] {1}"));
    EXPECT_EQ(this->numbers("100%"), (Numbers{1}));
    EXPECT_EQ(this->numbers("%"), (Numbers{1}));
    EXPECT_EQ(this->numbers("_"), (Numbers{1}));
    EXPECT_EQ(this->numbers("n_s"), (Numbers{1}));
    EXPECT_EQ(this->numbers("\""), (Numbers{1}));
    EXPECT_EQ(this->numbers("\"quoted\""), (Numbers{1}));
    EXPECT_EQ(this->numbers("it's"), (Numbers{1}));
    EXPECT_EQ(this->numbers("\\"), (Numbers{1}));
    EXPECT_EQ(this->numbers(".*"), (Numbers{2}));
    EXPECT_EQ(this->numbers("*"), (Numbers{2}));
    EXPECT_EQ(this->numbers("^a$"), (Numbers{2}));
    EXPECT_EQ(this->numbers("[a-z]"), (Numbers{2}));
    EXPECT_EQ(this->numbers("AND y OR (z) NOT"), (Numbers{2}));
    EXPECT_EQ(this->numbers("."), (Numbers{2}));
    for (const char* text : {"sh.rt", "1..", "shirt*", "' OR 1=1 --", "name:shirt", "\"\"", "a$"}) {
        EXPECT_EQ(this->numbers(text), text == std::string("a$") ? Numbers{2} : Numbers{}) << text;
    }
}

TYPED_TEST_P(ProductSearchContract, FoldsCaseOfEveryScript) {
    this->create(product(1, "Éclair", "Straße İstanbul"));
    this->create(product(2, "Привет", "ΟΔΟΣ οδός"));
    EXPECT_EQ(this->numbers("éCLAIR"), (Numbers{1}));
    EXPECT_EQ(this->numbers("É"), (Numbers{1}));
    EXPECT_EQ(this->numbers("eclair"), Numbers{});
    EXPECT_EQ(this->numbers("STRASSE"), (Numbers{1}));
    EXPECT_EQ(this->numbers("straße"), (Numbers{1}));
    EXPECT_EQ(this->numbers("ß"), (Numbers{1}));
    EXPECT_EQ(this->numbers("İSTANBUL"), (Numbers{1}));
    EXPECT_EQ(this->numbers("i"), (Numbers{1}));
    EXPECT_EQ(this->numbers("ПРИВЕТ"), (Numbers{2}));
    EXPECT_EQ(this->numbers("ив"), (Numbers{2}));
    EXPECT_EQ(this->numbers("Т"), (Numbers{2}));
    EXPECT_EQ(this->numbers("οδος"), (Numbers{2}));
    EXPECT_EQ(this->numbers("Σ"), (Numbers{2}));
}

TYPED_TEST_P(ProductSearchContract, FindsEmojiCombiningMarksAndNul) {
    using namespace std::string_literals;
    this->create(product(1, "🎧 headphones 👩‍👩‍👧", "e\u0301te\u0301 日本語テスト"));
    this->create(product(2, "a\0b\0c hidden"s, "\0\0\0"s));
    EXPECT_EQ(this->numbers("🎧"), (Numbers{1}));
    EXPECT_EQ(this->numbers("👩‍👧"), (Numbers{1}));
    EXPECT_EQ(this->numbers("🎨"), Numbers{});
    EXPECT_EQ(this->numbers("\u0301"), (Numbers{1}));
    EXPECT_EQ(this->numbers("e\u0301t"), (Numbers{1}));
    EXPECT_EQ(this->numbers("本"), (Numbers{1}));
    EXPECT_EQ(this->numbers("本語"), (Numbers{1}));
    EXPECT_EQ(this->numbers("日本語テスト"), (Numbers{1}));
    EXPECT_EQ(this->numbers("hidden"), (Numbers{2}));
    EXPECT_EQ(this->numbers("a\0b"s), (Numbers{2}));
    EXPECT_EQ(this->numbers("\0b\0c hid"s), (Numbers{2}));
    EXPECT_EQ(this->numbers("\0"s), (Numbers{2}));
    EXPECT_EQ(this->numbers("ab"), Numbers{});
}

TYPED_TEST_P(ProductSearchContract, FindsProductsAsTheyAreNow) {
    this->create(product(1, "before", "the same"));
    auto changed = at_version(product(1, "after", "the same"), 2);
    this->write({{Version{1}, StoredProduct{changed, {}}}});
    EXPECT_EQ(this->numbers("before"), Numbers{});
    EXPECT_EQ(this->numbers("after"), (Numbers{1}));
    EXPECT_EQ(this->search("the same").products[0], changed);
    changed.version = {3};
    changed.price = 5;
    this->write({{Version{2}, StoredProduct{changed, {}}}});
    EXPECT_EQ(this->search("after").products[0], changed);
    this->write({{Version{3}, Tombstone{store_id(1), Version{4}, time_of(10), {}}}});
    EXPECT_EQ(this->numbers("the same"), Numbers{});
}

TYPED_TEST_P(ProductSearchContract, MovesAProductThatIsMadeAgainToTheTimeOfItsNewCreation) {
    for (int i = 0; i < 3; ++i) this->create(product(i));
    this->write({{Version{1}, Tombstone{store_id(0), Version{2}, time_of(10), {}}}});
    auto again = at_version(product(0), 3);
    again.created_at = time_of(1'000'000);
    this->write({{Version{2}, StoredProduct{again, {}}}});
    EXPECT_EQ(this->ids(this->search("").products), (std::vector{store_id(0), store_id(2), store_id(1)}));
    EXPECT_EQ(this->ids(this->search("lamp").products), (std::vector{store_id(0), store_id(2), store_id(1)}));
}

TYPED_TEST_P(ProductSearchContract, FindsEveryProductWithoutAText) {
    for (int i = 0; i < 5; ++i) this->create(product(i));
    EXPECT_EQ(this->numbers(""), (Numbers{4, 3, 2, 1, 0}));
}

TYPED_TEST_P(ProductSearchContract, PagesInAStableOrderWithNoProductTwiceAndNoneMissing) {
    const auto expected = this->create_many_of_equal_times();
    for (const char* text : {"", "l", "la", "lam", "lamp", "it shines"}) {
        for (const std::int64_t size : {1, 7, 10, 100}) {
            std::vector<Product> all;
            for (std::int64_t page = 1;; ++page) {
                const auto found = this->search(text, page, size);
                ASSERT_EQ(found.total_count, std::ssize(expected));
                if (found.products.empty()) break;
                ASSERT_TRUE(std::ssize(found.products) == size || page == (std::ssize(expected) + size - 1) / size);
                all.insert(all.end(), found.products.begin(), found.products.end());
            }
            ASSERT_EQ(all, expected) << text << ' ' << size;
        }
    }
    EXPECT_TRUE(this->search("lamp", 1'000, 10).products.empty());
}

TYPED_TEST_P(ProductSearchContract, CountsExactlyUpToTheCapAndSaysSoAbove) {
    std::vector<ProductWrite> writes;
    for (int i = 0; i < 30; ++i) writes.push_back({std::nullopt, StoredProduct{product(i), {}}});
    this->write(std::move(writes));
    for (const char* text : {"", "a", "am", "amp", "lamp"}) {
        const auto exact = this->search(text, 1, 10, 30);
        EXPECT_EQ(exact.total_count, 30) << text;
        EXPECT_FALSE(exact.total_count_capped) << text;
        const auto capped = this->search(text, 2, 10, 29);
        EXPECT_EQ(capped.total_count, 29) << text;
        EXPECT_TRUE(capped.total_count_capped) << text;
        EXPECT_EQ(capped.products.size(), 10u) << text;
        const auto far = this->search(text, 4, 10, 5);
        EXPECT_EQ(far.total_count, 5) << text;
        EXPECT_TRUE(far.total_count_capped) << text;
    }
    EXPECT_EQ(this->search("xyz", 1, 10, 0).total_count, 0);
    EXPECT_FALSE(this->search("xyz", 1, 10, 0).total_count_capped);
}

REGISTER_TYPED_TEST_SUITE_P(ProductSearchContract, FindsAPartOfNameOrDescriptionInAnyCase,
                            FindsTermsOfOneAndTwoCharactersWhereverTheyStand,
                            NeverFindsAcrossTheEndOfTheNameOrAcrossProducts, NeedsAllOfTheTextInOnePlaceAndInItsOrder,
                            TakesTheTextForDataAndNeverForAPattern, FoldsCaseOfEveryScript,
                            FindsEmojiCombiningMarksAndNul, FindsProductsAsTheyAreNow,
                            MovesAProductThatIsMadeAgainToTheTimeOfItsNewCreation, FindsEveryProductWithoutAText,
                            PagesInAStableOrderWithNoProductTwiceAndNoneMissing, CountsExactlyUpToTheCapAndSaysSoAbove);

}  // namespace productd::contract
