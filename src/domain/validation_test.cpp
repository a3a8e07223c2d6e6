#include "domain/validation.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "domain/utf8.hpp"
#include "fakes/sample_product.hpp"

namespace productd {
namespace {

using test::sample_draft;

std::vector<std::string> bad_fields(const Draft& draft, Required required = Required::all) {
    std::vector<std::string> fields;
    for (const auto& violation : violations(draft, required)) fields.push_back(violation.field + ":" + violation.code);
    return fields;
}

using Fields = std::vector<std::string>;

TEST(Validation, AcceptsAnOrdinaryProductAndZeroQuantity) {
    auto draft = sample_draft();
    draft.quantity = 0;
    draft.rating = 0;
    EXPECT_EQ(bad_fields(draft), Fields{});
}

TEST(Validation, NamesEveryMissingMemberAtOnce) {
    EXPECT_EQ(bad_fields({}), (Fields{"name:required", "description:required", "price:required", "quantity:required",
                                      "rating:required"}));
    EXPECT_EQ(bad_fields({}, Required::given), Fields{});
}

TEST(Validation, CountsCodePointsNotBytes) {
    auto draft = sample_draft();
    draft.name = "äöü";
    EXPECT_EQ(bad_fields(draft), Fields{});
    draft.name = "äö";
    EXPECT_EQ(bad_fields(draft), Fields{"name:length"});
    std::string emojis;
    for (int i = 0; i < 250; ++i) emojis += "😀";
    draft.name = emojis;
    EXPECT_EQ(bad_fields(draft), Fields{});
    draft.name = emojis + "x";
    EXPECT_EQ(bad_fields(draft), Fields{"name:length"});
}

TEST(Validation, HoldsTheBoundsOfDescription) {
    auto draft = sample_draft();
    draft.description = std::string(500, 'x');
    EXPECT_EQ(bad_fields(draft), Fields{});
    draft.description = std::string(501, 'x');
    EXPECT_EQ(bad_fields(draft), Fields{"description:length"});
}

TEST(Validation, RefusesPricesThatAreNotFiniteAndPositive) {
    auto draft = sample_draft();
    for (const double price : {0.0, -0.0, -1.0, std::nan(""), std::numeric_limits<double>::infinity(),
                               -std::numeric_limits<double>::infinity()}) {
        draft.price = price;
        EXPECT_EQ(bad_fields(draft), Fields{"price:range"}) << price;
    }
    draft.price = std::numeric_limits<double>::denorm_min();
    EXPECT_EQ(bad_fields(draft), Fields{});
}

TEST(Validation, HoldsTheBoundsOfQuantityAndRating) {
    auto draft = sample_draft();
    draft.quantity = -1;
    draft.rating = 11;
    EXPECT_EQ(bad_fields(draft), (Fields{"quantity:range", "rating:range"}));
    draft.quantity = std::numeric_limits<std::int64_t>::max();
    draft.rating = 10;
    EXPECT_EQ(bad_fields(draft), Fields{});
}

TEST(Validation, AboveAThousandPhotosNeedFiveBytesEach) {
    auto draft = sample_draft();
    draft.photos = std::vector<std::string>(1'000);
    EXPECT_EQ(bad_fields(draft), Fields{});
    draft.photos = std::vector<std::string>(1'001, "12345");
    EXPECT_EQ(bad_fields(draft), Fields{});
    draft.photos->front() = "1234";
    EXPECT_EQ(bad_fields(draft), Fields{"photos:length"});
}

TEST(Validation, SaysWhatIsWrongWithOneFieldAndHowManyAreWrongOtherwise) {
    EXPECT_EQ(validated({.price = 0}, Required::given).error().detail, "price must be a finite number greater than 0.");
    EXPECT_EQ(validated({.price = 0, .quantity = -1}, Required::given).error().detail, "2 fields are not valid.");
}

TEST(Validation, RefusesTextThatIsNotUtf8) {
    auto draft = sample_draft();
    draft.name = "abc\xff";
    draft.description = "abc\xed\xa0\x80";
    draft.image_url = "\xc0\xaf";
    draft.photos = std::vector<std::string>{"ok", "\x80"};
    EXPECT_EQ(bad_fields(draft), (Fields{"name:utf8", "description:utf8", "imageUrl:utf8", "photos:utf8"}));
}

TEST(Validation, MakesAValidDraftOfNothingThatBreaksARule) {
    const auto refused = validated({}, Required::all);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, Errc::invalid_argument);
    EXPECT_EQ(refused.error().violations.size(), 5U);
    EXPECT_EQ(validated({.price = 99}, Required::all).error().violations.size(), 4U);
    EXPECT_EQ(validated({.price = 0}, Required::given).error().violations.size(), 1U);
    EXPECT_EQ(*validated({.price = 99}, Required::given), (Draft{.price = 99}));
    static_assert(!std::is_constructible_v<ValidDraft, Draft> && !std::is_default_constructible_v<ValidDraft>);
}

TEST(Utf8, CountsWellFormedTextAndRefusesTheRest) {
    EXPECT_EQ(code_points(""), 0U);
    EXPECT_EQ(code_points("a\xc2\x80\xe0\xa0\x80\xf0\x90\x80\x80"), 4U);
    EXPECT_EQ(code_points(std::string_view("\0x", 2)), 2U);
    EXPECT_EQ(code_points("\xf4\x8f\xbf\xbf"), 1U);
    EXPECT_EQ(code_points("\xef\xbf\xbd"), 1U);
    for (const char* bad : {"\x80", "\xc1\x80", "\xc2", "\xe0\x9f\x80", "\xed\xbf\xbf", "\xf0\x8f\x80\x80",
                            "\xf4\x90\x80\x80", "\xf5\x80\x80\x80", "\xe2\x82", "\xc2\x41"}) {
        EXPECT_EQ(code_points(bad), std::nullopt);
    }
}

TEST(ObjectId, ReadsTwentyFourHexDigitsOfEitherCaseAndNothingElse) {
    const auto id = ProductId::parse("6b03EF3e1b0abb1f10e4ee16");
    ASSERT_TRUE(id);
    EXPECT_EQ(id->hex(), "6b03ef3e1b0abb1f10e4ee16");
    EXPECT_TRUE(ProductId::parse("000000000000000000000000")->is_none());
    for (const char* bad : {"", "6b03ef3e1b0abb1f10e4ee1", "6b03ef3e1b0abb1f10e4ee161", "6b03ef3e1b0abb1f10e4eeg6",
                            "ObjectID(\"6b03ef3e1b0abb1f10e4ee16\")", " 6b03ef3e1b0abb1f10e4ee1"}) {
        EXPECT_FALSE(ProductId::parse(bad)) << bad;
    }
}

}  // namespace
}  // namespace productd
