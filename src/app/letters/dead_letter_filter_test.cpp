#include "app/letters/dead_letter_filter.hpp"

#include <gtest/gtest.h>

#include <random>

#include "fakes/sample_product.hpp"

namespace productd {
namespace {

using test::at;

LetterEntry sample() {
    LetterEntry entry{.id = "update-product/1/17/1700000000000",
                      .origin = test::position(17, 1'700'000'000'000, "update-product", 1)};
    entry.code = "not_found";
    entry.error = "There is no \"product\" 7.";
    entry.key = "a key";
    entry.product = test::id_of(7);
    entry.letter = test::position(3, 1'769'853'600'000, "dead-letter-queue");  // 2026-01-31T10:00:00Z
    return entry;
}

bool holds(const std::string& expression) {
    const auto filter = parse_letter_filter(expression);
    EXPECT_TRUE(filter) << expression << ": " << filter.error().detail;
    return filter && (*filter)(sample());
}

TEST(DeadLetterFilter, HoldsForWhatEachConditionNames) {
    for (const auto* expression :
         {"", "   ", "code=not_found", "topic=update-product", "key=\"a key\"", "id=update-product/1/", "state=open",
          "error~product", R"(error~"no \"product\"")", "since=2026-01-31", "since=2026-01-31T10:00:00Z",
          "until=2026-01-31T10:00:00.001Z", "  code=not_found   state=open  "}) {
        EXPECT_TRUE(holds(expression)) << expression;
    }
    EXPECT_TRUE(holds("product=" + test::id_of(7).hex()));
}

TEST(DeadLetterFilter, DoesNotHoldWhenOneConditionDoesNot) {
    for (const auto* expression :
         {"code=not_foun", "topic=create-product", "key=a", "id=update-product/2", "state=replayed", "state=purged",
          "error~Product", "since=2026-02-01", "until=2026-01-31T10:00:00Z", "code=not_found state=edited",
          "state=edited code=not_found", "code="}) {
        EXPECT_FALSE(holds(expression)) << expression;
    }
    EXPECT_FALSE(holds("product=" + test::id_of(8).hex()));
}

TEST(DeadLetterFilter, KeepsBlanksSignsAndQuotesInsideAQuotedValue) {
    auto entry = sample();
    entry.error = R"(a=b ~ "c" \d)";
    EXPECT_TRUE((*parse_letter_filter(R"(error~"a=b ~ \"c\" \\d" code=not_found)"))(entry));
}

TEST(DeadLetterFilter, SaysWhereItIsNotUnderstood) {
    const std::pair<const char*, const char*> wrong[] = {
        {"nonsense", "position 1:"},      {"code=x nonsense", "position 8:"}, {"code = x", "position 1:"},
        {"colour=red", "position 1:"},    {"code~x", "position 1:"},          {"state=done", "position 1:"},
        {"product=12", "position 1:"},    {"since=soon", "position 1:"},      {"until=2026-13-01", "position 1:"},
        {"error~\"open", "position 7:"},  {"error~\"a\"b", "position 10:"},   {"=x", "position 1:"},
        {"code=x until=", "position 8:"},
    };
    for (const auto& [expression, place] : wrong) {
        const auto filter = parse_letter_filter(expression);
        ASSERT_FALSE(filter) << expression;
        EXPECT_EQ(filter.error().code, Errc::invalid_argument);
        EXPECT_NE(filter.error().detail.find(place), std::string::npos) << expression << ": " << filter.error().detail;
    }
}

TEST(DeadLetterFilter, SurvivesAnyExpression) {
    std::mt19937_64 random(1);
    const std::string alphabet = "code=topic~error\" \\=~since2026-01-31T\xff";
    for (int round = 0; round < 20'000; ++round) {
        std::string text;
        for (auto n = random() % 24; n > 0; --n) text += alphabet[random() % alphabet.size()];
        if (const auto filter = parse_letter_filter(text)) {
            (*filter)(sample());
        } else {
            EXPECT_FALSE(filter.error().detail.empty());
        }
    }
}

}  // namespace
}  // namespace productd
