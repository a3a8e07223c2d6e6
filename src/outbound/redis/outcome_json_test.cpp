// Outcomes come over as they were told, and nothing else does.
#include "outbound/redis/outcome_json.hpp"

#include <gtest/gtest.h>

#include "fakes/sample_product.hpp"

namespace productd {
namespace {

using namespace test;

ToldOutcome again(Outcome outcome) {
    const auto told = decode_outcome(encode_outcome({"wait", position(7, 1'234, "update-product", 2), outcome}));
    EXPECT_TRUE(told);
    EXPECT_EQ(told->wait_id, "wait");
    EXPECT_EQ(told->position, position(7, 1'234, "update-product", 2));
    return *told;
}

TEST(OutcomeJson, BringsAProductWithItsVersion) {
    Product product{.id = id_of(1), .name = "Lamp \"dark\" \n", .price = 0.1 + 0.2, .quantity = INT64_MAX};
    product.version = {3};
    const auto told = again(Applied{std::make_shared<const Product>(product), Version{3}});
    const auto applied = std::get<Applied>(told.outcome);
    EXPECT_EQ(*applied.product, product);
    EXPECT_EQ(applied.version, Version{3});
}

TEST(OutcomeJson, BringsARemovalAnEndAndAnError) {
    const auto removed = again(Applied{nullptr, Version{4}});
    EXPECT_EQ(std::get<Applied>(removed.outcome).version, Version{4});
    EXPECT_FALSE(std::get<Applied>(removed.outcome).product);
    EXPECT_TRUE(std::holds_alternative<Finished>(again(Finished{}).outcome));
    const auto refused = again(invalid("No.", {{"price", "range", "price must be less."}}));
    const auto error = std::get<Error>(refused.outcome);
    EXPECT_EQ(error.code, Errc::invalid_argument);
    EXPECT_EQ(error.detail, "No.");
    EXPECT_EQ(error.violations, (std::vector<Violation>{{"price", "range", "price must be less."}}));
}

TEST(OutcomeJson, LeavesTheCauseBehindWhichIsForTheLogAlone) {
    const auto told = again(unavailable("Later.", "10.1.2.3 said no"));
    EXPECT_EQ(std::get<Error>(told.outcome).cause, "");
}

TEST(OutcomeJson, TakesNothingElse) {
    for (
        const auto* text :
        {"", "{}", "[]", "null", R"({"wait":"w"})", R"({"wait":1,"topic":"t","partition":0,"offset":0,"time":0})",
         R"({"wait":"w","topic":"t","partition":0,"offset":0,"time":0,"applied":{"product":"{}"}})",
         R"({"wait":"w","topic":"t","partition":0,"offset":0,"time":0,"error":{"code":"odd","detail":"","violations":[]}})"}) {
        EXPECT_FALSE(decode_outcome(text)) << text;
    }
}

}  // namespace
}  // namespace productd
