// What a text may hold that is no product, and what a product may hold.
#include <gtest/gtest.h>

#include "codec/product/product_json.hpp"
#include "fakes/sample_product.hpp"

namespace productd {
namespace {

constexpr const char* chair_begun = R"({"name":"Chair","description":"A wooden chair","quantity":3,"rating":5)";

std::string chair_with(const std::string& members) { return chair_begun + members + '}'; }

Result<ProductText> read_chair(const std::string& members) {
    return read_product(chair_with(members), ProductIdMember::ignored);
}

/// A list of `count` times `photo`, as JSON.
std::string photos(std::size_t count, const std::string& photo) {
    std::string text = R"(,"price":1,"photos":[)";
    for (std::size_t i = 0; i < count; ++i) text += (i == 0 ? "" : ",") + ('"' + photo + '"');
    return text + ']';
}

/// What the texts of a draft take in memory.
std::size_t occupied(const Draft& draft) {
    std::size_t bytes = draft.name->capacity() + draft.description->capacity();
    bytes += draft.photos->capacity() * sizeof(std::string);
    for (const auto& photo : *draft.photos) bytes += photo.capacity() > 15 ? photo.capacity() + 1 : 0;
    return bytes;
}

TEST(ProductJsonLimits, AMemberThatIsIgnoredMayHoldAnyNumber) {
    for (const auto* members :
         {R"(,"ext":1e400)", R"(,"createdAt":99999999999999999999)", R"(,"version":-1e999,"updatedAt":0.1e-999)",
          R"(,"ext":{"a":[1,[99999999999999999999999],{"b":1E+9999}]})", R"(,"productId":123456789012345678901234)"}) {
        EXPECT_TRUE(read_chair(R"(,"price":1)" + std::string(members))) << members;
    }
    EXPECT_TRUE(read_product_id(R"({"productId":"6b03ef3e1b0abb1f10e4ee16","x":1e400})"));
}

TEST(ProductJsonLimits, AMemberThatIsIgnoredMustStillBeJson) {
    for (const auto* value :
         {"1e",   "01",       "1.",        "-",     "tru",     "truex",       "nul",       "[1 2]",
          "[1,]", "{\"a\":}", "{\"a\" 1}", "{a:1}", "\"\\x\"", "\"\\ud800\"", "[\"a\":1]", "{\"a\":1,}",
          "[1}",  "[",        "]",         "1]",    ":1",      "{\"\\x\":1}"}) {
        const auto result = read_chair(R"(,"price":1,"ext":)" + std::string(value));
        ASSERT_FALSE(result) << value;
        EXPECT_TRUE(result.error().violations.empty()) << value;
    }
    EXPECT_TRUE(read_chair(R"(,"price":1,"ext":)" + std::string(999, '[') + std::string(999, ']')));
    EXPECT_FALSE(read_chair(R"(,"price":1,"ext":)" + std::string(1'000, '[') + std::string(1'000, ']')));
    EXPECT_FALSE(read_chair(R"(,"price":1,"ext":)" + std::string(200'000, '[')));
    for (const auto* behind : {"x", "{}", ",", "}", "]"}) {
        EXPECT_FALSE(read_product(chair_with(R"(,"price":1)") + behind, ProductIdMember::ignored)) << behind;
    }
}

TEST(ProductJsonLimits, APriceIsTakenExactlyOrRefusedInPlainWords) {
    EXPECT_EQ(*read_chair(R"(,"price":1152921504606847000)")->draft->price, 0x1p60);
    EXPECT_EQ(*read_chair(R"(,"price":0.10000000000000001)")->draft->price, 0.1);
    const auto refused = read_chair(R"(,"price":12345678901234567.89)");
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().violations,
              (std::vector<Violation>{{"price", "range", "price has more digits than are kept exactly."}}));
}

TEST(ProductJsonLimits, ANumberThatDoesNotFitIsToldInTheFieldsWords) {
    const auto said = [](const std::string& member) {
        const auto refused = read_product('{' + member + '}', ProductIdMember::ignored);
        return refused || refused.error().violations.empty() ? "" : refused.error().violations.front().detail;
    };
    EXPECT_EQ(said(R"("price":1e309)"), "price is too large.");
    EXPECT_EQ(said(R"("price":-1e309)"), "price is too small.");
    EXPECT_EQ(said(R"("price":1e-400)"), "price is too close to 0.");
    EXPECT_EQ(said(R"("price":0.)" + std::string(400, '0') + "1"), "price is too close to 0.");
    EXPECT_EQ(said(R"("price":1)" + std::string(400, '0')), "price is too large.");
    EXPECT_EQ(said(R"("price":1e-99999999999999999999)"), "price is too close to 0.");
    EXPECT_EQ(said(R"("price":1e99999999999999999999)"), "price is too large.");
    EXPECT_EQ(said(R"("quantity":9223372036854775808)"), "quantity is too large.");
    EXPECT_EQ(said(R"("quantity":-9223372036854775809)"), "quantity is too small.");
    EXPECT_EQ(said(R"("rating":9223372036854775808.0)"), "rating is too large.");
}

TEST(ProductJsonLimits, AMebibyteOfEmptyPhotosIsRefusedBeforeItIsDecoded) {
    const auto refused = read_chair(photos((1 << 20) / 3, ""));
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().violations,
              (std::vector<Violation>{
                  {"photos", "length", "photos must be at most 1,000, or have at least 5 bytes each on average."}}));
    EXPECT_FALSE(read_chair(photos(50'000, "abcd")));
    EXPECT_FALSE(read_chair(photos(50'000, R"(\u0061)"))) << "an escape is longer than what it stands for";
}

TEST(ProductJsonLimits, ADraftOccupiesAboutFourTimesItsTextAtMost) {
    for (const std::size_t length : {5U, 8U, 15U, 16U, 17U, 30U, 100U, 1'000U}) {
        const auto text = photos(500'000 / length, std::string(length, 'x'));
        const auto taken = read_chair(text);
        ASSERT_TRUE(taken) << length;
        EXPECT_LE(occupied(taken->draft), text.size() * 42 / 10) << length;
    }
    EXPECT_TRUE(read_chair(photos(1'000, "")));
    EXPECT_TRUE(read_chair(photos(2'000, "compressible")));
}

TEST(ProductJsonLimits, AnArrayThatIsNoListOfTextsIsRefusedHoweverLong) {
    const std::string numbers = R"(,"price":1,"photos":[)" + std::string(20'000, '[') + std::string(20'000, ']') + ']';
    EXPECT_FALSE(read_chair(numbers));
    std::string mixed = R"(,"price":1,"photos":[1)";
    for (int i = 0; i < 20'000; ++i) mixed += R"(,"x")";
    const auto refused = read_chair(mixed + ']');
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().violations.front().code, "type");
}

}  // namespace
}  // namespace productd
