#include "codec/product/product_json.hpp"

#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include <cmath>
#include <fstream>
#include <limits>
#include <sstream>

#include "codec/base64.hpp"
#include "codec/json/json_text.hpp"
#include "codec/sha256.hpp"
#include "fakes/sample_product.hpp"

namespace productd {
namespace {

using test::at;
using test::sample_draft;

constexpr const char* chair = R"({"name":"Chair","description":"A wooden chair","price":10.5,"quantity":3,"rating":5)";

std::string with(const std::string& members) { return chair + members + '}'; }

/// `field:code` of every violation, `-` for a text that is not a JSON object at all.
std::vector<std::string> problems(const std::string& text) {
    const auto product = read_product(text, ProductIdMember::read);
    if (product) return {};
    EXPECT_EQ(product.error().code, Errc::invalid_argument);
    std::vector<std::string> found;
    for (const auto& violation : product.error().violations) found.push_back(violation.field + ":" + violation.code);
    if (found.empty()) found.emplace_back("-");
    return found;
}

using Problems = std::vector<std::string>;

TEST(ProductJson, WritesMembersAsTheOlderServiceNamesThem) {
    Product product = merged(Product{.id = *ProductId::parse("6b03ef3e1b0abb1f10e4ee16")}, sample_draft());
    product.created_at = product.updated_at = at(1'795'419'966'372);
    product.version = Version{3};
    std::string text;
    append_product(text, product);
    EXPECT_EQ(
        text,
        R"({"productId":"6b03ef3e1b0abb1f10e4ee16","categoryId":"5ff4b6a0e0b1f0a1b2c3d4e5","name":"Chair",)"
        R"("description":"A wooden chair","price":10.5,"imageUrl":"http://x/y.png","photos":["a","b"],"quantity":3,)"
        R"("rating":5,"createdAt":"2026-11-23T07:46:06.372Z","updatedAt":"2026-11-23T07:46:06.372Z","version":3})");
}

TEST(ProductJson, LeavesOutWhatIsUnset) {
    std::string text;
    append_product(text, Product{.name = "x"}, VersionMember::left_out);
    EXPECT_EQ(text.find("categoryId"), std::string::npos);
    EXPECT_EQ(text.find("imageUrl"), std::string::npos);
    EXPECT_EQ(text.find("version"), std::string::npos);
    EXPECT_NE(text.find(R"("photos":[])"), std::string::npos);
}

TEST(ProductJson, KnowsAbsentFromNullFromEmpty) {
    const auto absent = read_product(with(""), ProductIdMember::read);
    EXPECT_FALSE(absent->draft->category_id || absent->draft->image_url || absent->draft->photos || absent->id);
    for (const auto* cleared :
         {R"(,"categoryId":null,"imageUrl":null,"photos":null)", R"(,"categoryId":"","imageUrl":"","photos":[])"}) {
        const auto read = read_product(with(cleared), ProductIdMember::read);
        ASSERT_TRUE(read) << cleared;
        EXPECT_TRUE(read->draft->category_id->is_none());
        EXPECT_EQ(*read->draft->image_url, "");
        EXPECT_EQ(*read->draft->photos, std::vector<std::string>{});
    }
    const auto zeros = read_product(with(R"(,"categoryId":"000000000000000000000000")"), ProductIdMember::read);
    EXPECT_FALSE(zeros->draft->category_id);
}

TEST(ProductJson, IgnoresWhatIsNotTheCallersToSay) {
    const auto read = read_product(
        with(R"(,"productId":42,"createdAt":7,"updatedAt":null,"version":"x","more":{"a":[1,2,{"b":null}]})"),
        ProductIdMember::ignored);
    ASSERT_TRUE(read);
    EXPECT_FALSE(read->id);
}

TEST(ProductJson, NamesEveryBadFieldAtOnce) {
    EXPECT_EQ(
        problems(R"({"name":7,"description":"ab","price":"1","quantity":1.5,"rating":11,"photos":[1]})"),
        (Problems{"name:type", "price:type", "quantity:type", "photos:type", "description:length", "rating:range"}));
    EXPECT_EQ(problems("{}").size(), 5U);
}

TEST(ProductJson, RefusesDoubledMembers) {
    EXPECT_EQ(problems(with(R"(,"price":11)")), Problems{"price:duplicate"});
    EXPECT_EQ(problems(with(R"(,"productId":null,"productId":null)")), Problems{"productId:duplicate"});
}

TEST(ProductJson, RefusesNumbersThatDoNotFit) {
    const auto quantity = [](const std::string& number) {
        return problems(R"({"name":"Chair","description":"Wooden","price":1,"rating":1,"quantity":)" + number + "}");
    };
    EXPECT_EQ(quantity("9223372036854775807"), Problems{});
    EXPECT_EQ(quantity("9223372036854775808"), Problems{"quantity:range"});
    EXPECT_EQ(quantity("1e3"), Problems{"quantity:type"});
    EXPECT_EQ(quantity("1.0"), Problems{}) << "5.0 is the integer 5";
    EXPECT_EQ(quantity("1."), Problems{"-"});
    EXPECT_EQ(quantity("99999999999999999999"), Problems{"quantity:range"});
    EXPECT_EQ(quantity("NaN"), Problems{"-"});
    const auto price = [](const std::string& number) {
        return problems(R"({"name":"Chair","description":"Wooden","quantity":1,"rating":1,"price":)" + number + "}");
    };
    EXPECT_EQ(price("9007199254740993"), Problems{"price:range"});
    EXPECT_EQ(price("9007199254740992"), Problems{});
    EXPECT_EQ(price("18446744073709551615"), Problems{"price:range"});
    EXPECT_EQ(price("1e400"), Problems{"price:range"});
    EXPECT_EQ(price("Infinity"), Problems{"-"});
    EXPECT_EQ(price("0"), Problems{"price:range"});
}

TEST(ProductJson, RefusesWhatIsNotAJsonObjectInUtf8) {
    for (const std::string text : {"", " ", "[]", "null", "7", "\"x\"", "{", "{}x", "{\"name\":\"\xff\"}",
                                   "{\"a\":\"\\ud800\"}", "{\"a\":tru}", "\xef\xbb\xbf[]"}) {
        EXPECT_EQ(problems(text), Problems{"-"}) << text;
    }
    EXPECT_EQ(problems(std::string(100'000, '[')), Problems{"-"});
    EXPECT_EQ(problems(with(",\"more\":" + std::string(5'000, '[') + std::string(5'000, ']'))), Problems{"-"});
}

TEST(ProductJson, ReadsTheIdOfARemoval) {
    EXPECT_EQ(read_product_id(R"({"productId":"6b03ef3e1b0abb1f10e4ee16","x":1})")->hex(), "6b03ef3e1b0abb1f10e4ee16");
    for (const auto* text : {"{}", R"({"productId":"x"})", R"({"productId":"000000000000000000000000"})", "[]", "",
                             R"({"productId":"6b03ef3e1b0abb1f10e4ee16","productId":"6b03ef3e1b0abb1f10e4ee17"})"}) {
        EXPECT_EQ(read_product_id(text).error().code, Errc::invalid_argument) << text;
    }
}

RC_GTEST_PROP(ProductJsonProperty, EveryFinitePriceComesBackExactly, (std::uint64_t bits)) {
    double price = 0;
    std::memcpy(&price, &bits, sizeof price);
    RC_PRE(std::isfinite(price) && price > 0);
    auto draft = sample_draft("Chair", price);
    const auto read = read_product(draft_text(draft, {}, {}, {}), ProductIdMember::read);
    RC_ASSERT(read.has_value());
    RC_ASSERT(*read->draft->price == price);
}

TEST(ProductJson, PricesBeyondIntegersComeBackToo) {
    for (const double price :
         {1.2345678901234568e21, 2.0000000000000004e19, 9.3e18, 0x1p63, 0x1p62, 1e22, 123456789012345678.0}) {
        const auto read = read_product(draft_text(sample_draft("Chair", price), {}, {}, {}), ProductIdMember::read);
        ASSERT_TRUE(read) << price;
        EXPECT_EQ(*read->draft->price, price);
    }
}

RC_GTEST_PROP(ProductJsonProperty, AnyBytesAreReadOrRefused, (std::string bytes)) {
    static_cast<void>(read_product(bytes, ProductIdMember::read));
    static_cast<void>(read_product_id(bytes));
}

RC_GTEST_PROP(ProductJsonProperty, EveryDraftComesBackAsItWas, ()) {
    auto draft = sample_draft();
    draft.name = "abc" + *rc::gen::container<std::string>(rc::gen::inRange<char>(0, 127));
    draft.quantity = *rc::gen::inRange<std::int64_t>(0, std::numeric_limits<std::int64_t>::max());
    if (*rc::gen::arbitrary<bool>()) draft.category_id = CategoryId{};
    if (*rc::gen::arbitrary<bool>()) draft.photos.reset();
    RC_PRE(draft.name->size() <= 250U);
    const auto text = draft_text(draft, {}, {}, {});
    const auto read = read_product(text, ProductIdMember::read);
    RC_ASSERT(read.has_value());
    RC_ASSERT(read->draft == draft);
    RC_ASSERT(draft_text(read->draft, {}, {}, {}) == text);
}

TEST(JsonText, EscapesControlCharactersAndQuotes) {
    std::string out;
    json::append_string(out, std::string_view("a\"\\\n\x01\0é", 8));
    EXPECT_EQ(out, "\"a\\\"\\\\\\n\\u0001\\u0000é\"");
    out.clear();
    json::append_ascii(out, "\xff/x");
    EXPECT_EQ(out, "\"\xEF\xBF\xBD/x\"");
}

TEST(Sha256, MatchesTheStandardsVector) {
    const auto digest = sha256("abc");
    EXPECT_EQ(hex(digest), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    EXPECT_EQ(parse_digest(hex(digest)), digest);
    EXPECT_FALSE(parse_digest("ba78"));
    EXPECT_FALSE(parse_digest(std::string(64, 'g')));
}

TEST(Base64, MatchesTheStandardsVectors) {
    EXPECT_EQ(base64(""), "");
    EXPECT_EQ(base64("f"), "Zg==");
    EXPECT_EQ(base64("foobar"), "Zm9vYmFy");
}

}  // namespace
}  // namespace productd
