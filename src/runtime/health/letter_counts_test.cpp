#include "runtime/health/letter_counts.hpp"

#include <gmock/gmock.h>

#include "app/letters/dead_letter_fixture.hpp"

namespace productd {
namespace {

using testing::HasSubstr;
using testing::Not;

class LetterCountsTest : public test::DeadLetterTest {
protected:
    std::string letter(std::uint32_t product, const std::string& code) {
        return add_letter(update_message(test::id_of(product), product, 1'000), 2'000, code);
    }
    std::string counted() {
        EXPECT_TRUE(await(open_.count()));
        return metrics_.text();
    }
    static std::string open(const std::string& code, int letters) {
        return "productd_dead_letters_open{code=\"" + code + "\"} " + std::to_string(letters) + "\n";
    }

    Metrics metrics_;
    LetterCounts open_{log_, metrics_, names_, 6};
};

TEST_F(LetterCountsTest, CountsByCodeWhatNobodyHasDealtWith) {
    letter(1, "not_found");
    const auto second = letter(2, "not_found");
    const auto third = letter(3, "retry_exhausted");
    EXPECT_THAT(counted(), HasSubstr(open("not_found", 2)));
    EXPECT_THAT(counted(), HasSubstr(open("retry_exhausted", 1)));
    mark(second, LetterState::replayed, 2'000);
    mark(third, LetterState::purged, 2'000);
    EXPECT_THAT(counted(), HasSubstr(open("not_found", 1)));
    EXPECT_THAT(counted(), HasSubstr(open("retry_exhausted", 0)));
}

TEST_F(LetterCountsTest, HasOneLabelForAllThatSomebodyElseWrote) {
    letter(1, "a code of theirs");
    letter(2, "another");
    EXPECT_THAT(counted(), HasSubstr(open("other", 2)));
    EXPECT_THAT(counted(), Not(HasSubstr("theirs")));
}

TEST_F(LetterCountsTest, LooksAtNoMoreThanItsBound) {
    for (std::uint32_t i = 0; i < 6; ++i) letter(i, "not_found");
    EXPECT_THAT(counted(), HasSubstr(open("not_found", 6)));
    letter(6, "not_found");
    EXPECT_THAT(counted(), HasSubstr(open("uncounted", 7)));
    EXPECT_THAT(counted(), HasSubstr(open("not_found", 0)));
}

}  // namespace
}  // namespace productd
