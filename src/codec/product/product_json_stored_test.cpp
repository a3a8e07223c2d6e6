// Cached products, ours and the older service's, come back as they went.
#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include <cmath>
#include <fstream>
#include <iterator>
#include <limits>

#include "codec/json/json_object.hpp"
#include "codec/product/product_json.hpp"

namespace productd {
namespace {

std::string written(const Product& product, VersionMember version = VersionMember::written) {
    std::string out;
    append_product(out, product, version);
    return out;
}

RC_GTEST_PROP(StoredProductJson, ComesBackExactly, (double price, std::int64_t quantity, std::int64_t rating)) {
    RC_PRE(std::isfinite(price));
    Product product{.id = ProductId({1, 2, 3}), .price = price, .quantity = quantity, .rating = rating};
    const auto text = rc::gen::container<std::string>(rc::gen::inRange<char>(0, 127));
    product.name = *text;
    product.description = *text + "\u00e9\U0001F526";
    product.image_url = *text;
    product.photos = *rc::gen::container<std::vector<std::string>>(text);
    product.category_id = CategoryId({*rc::gen::arbitrary<std::uint8_t>(), 1});
    product.created_at = Timestamp(std::chrono::milliseconds(*rc::gen::inRange<std::int64_t>(0, 4'102'444'800'000)));
    product.updated_at = Timestamp(std::chrono::milliseconds(*rc::gen::inRange<std::int64_t>(0, 4'102'444'800'000)));
    product.version = {*rc::gen::inRange<std::int64_t>(0, INT64_MAX)};
    RC_ASSERT(read_stored_product(written(product)) == product);
}

TEST(StoredProductJson, ReadsWhatTheOlderServiceCached) {
    std::ifstream file(PRODUCTD_SOURCE_DIR "/tests/fixtures/contract-samples.json");
    const std::string samples(std::istreambuf_iterator<char>(file), {});
    const auto cached = json::Object::parse(samples)->object("redis")->text("value");
    ASSERT_TRUE(cached);
    const auto product = read_stored_product(*cached);
    ASSERT_TRUE(product);
    EXPECT_EQ(product->version, Version{0});
    EXPECT_EQ(product->rating, 6) << "not validated: it is what is stored";
    EXPECT_EQ(product->photos, (std::vector<std::string>{"a", "b"}));
    EXPECT_EQ(written(*product, VersionMember::left_out), *cached) << "not a byte is lost";
}

TEST(StoredProductJson, ReadsMembersThatAreMissingOrNullAsEmpty) {
    const auto product = read_stored_product(
        R"({"productId":"6b03ef3e1b0abb1f10e4ee16","photos":null,"createdAt":"2026-11-23T07:46:06.3Z",)"
        R"("updatedAt":"2026-11-23T07:46:06Z"})");
    ASSERT_TRUE(product);
    EXPECT_EQ(product->name, "");
    EXPECT_TRUE(product->photos.empty());
    EXPECT_EQ(product->price, 0);
}

TEST(StoredProductJson, APriceThatIsNotFiniteIsNullAndNeverZero) {
    for (const double price : {std::numeric_limits<double>::infinity(), -std::numeric_limits<double>::infinity(),
                               std::numeric_limits<double>::quiet_NaN()}) {
        const auto text = written({.id = ProductId({1, 2, 3}), .price = price});
        EXPECT_TRUE(text.contains(R"("price":null,)")) << text;
        EXPECT_TRUE(json::Object::parse(text)) << text;
        EXPECT_FALSE(read_stored_product(text)) << text;
    }
}

TEST(StoredProductJson, TakesNothingElseForAProduct) {
    for (
        const auto* text :
        {"", "{}", "[]", "null", R"({"deleted":true,"version":3})", R"({"productId":"6b03ef3e1b0abb1f10e4ee16"})",
         R"({"productId":"x","createdAt":"2026-11-23","updatedAt":"2026-11-23"})",
         R"({"productId":"6b03ef3e1b0abb1f10e4ee16","createdAt":"2026-11-23","updatedAt":"2026-11-23","price":"1"})",
         R"({"productId":"6b03ef3e1b0abb1f10e4ee16","createdAt":"2026-11-23","updatedAt":"2026-11-23","photos":[1]})"}) {
        EXPECT_FALSE(read_stored_product(text)) << text;
    }
}

}  // namespace
}  // namespace productd
