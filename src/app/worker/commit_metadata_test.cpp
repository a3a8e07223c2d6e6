// What a commit's metadata tells, and that nothing else is taken for it.
#include "app/worker/commit_metadata.hpp"

#include <gtest/gtest.h>

#include <random>

#include "fakes/sample_product.hpp"

namespace productd {
namespace {

using namespace test;

/// Every second offset of `count`, from the commit 0.
FinishedAbove every_second(std::int64_t count) {
    FinishedAbove finished{at(1'800'000'000'000), {}};
    for (std::int64_t n = 0; n < count; ++n) finished.ranges.emplace_back(2 * n + 1, 2 * n + 2);
    return finished;
}

TEST(CommitMetadata, ComesBackAsItWasInTheShorterForm) {
    const FinishedAbove few{at(-5), {{7, 9}, {1'000'000'000'000, 1'000'000'000'001}}};
    EXPECT_EQ(encode_metadata(2, few), "1;-5;5+2,999999999991+1");
    EXPECT_EQ(decode_metadata(2, encode_metadata(2, few)), few);

    const auto many = every_second(10'000);
    const auto text = encode_metadata(0, many);
    EXPECT_TRUE(text.starts_with("2;1800000000000;qqqq")) << text;
    EXPECT_LE(text.size(), metadata_bytes_max);
    EXPECT_EQ(decode_metadata(0, text), many);

    EXPECT_EQ(decode_metadata(4, encode_metadata(4, {at(3), {}})), (FinishedAbove{at(3), {}}));
}

TEST(CommitMetadata, ComesBackWholeWheneverItSaysItFits) {
    std::mt19937_64 random(3);
    const auto up_to = [&](std::int64_t most) {
        return 1 + static_cast<std::int64_t>(random() % static_cast<std::uint64_t>(most));
    };
    for (int round = 0; round < 300; ++round) {
        const auto count = up_to(1'500);
        const auto stretch = std::int64_t{1} << (random() % 40);
        FinishedAbove finished{at(1'800'000'000'000), {}};
        std::int64_t last = 100;
        for (std::int64_t n = 0; n < count; ++n) {
            const auto begin = last + up_to(stretch);
            last = begin + up_to(stretch);
            finished.ranges.emplace_back(begin, last);
        }
        const auto text = encode_metadata(100, finished);
        ASSERT_LE(text.size(), metadata_bytes_max);
        const auto decoded = decode_metadata(100, text);
        ASSERT_TRUE(decoded);
        ASSERT_TRUE(std::equal(decoded->ranges.begin(), decoded->ranges.end(), finished.ranges.begin()));
        if (metadata_fits(last - 100, static_cast<std::size_t>(count))) ASSERT_EQ(decoded, finished);
    }
}

TEST(CommitMetadata, LeavesOutTheHighestRangesWhenTheyDoNotFit) {
    FinishedAbove finished{at(1'800'000'000'000), {}};
    for (std::int64_t n = 0; n < 10'000; ++n) finished.ranges.emplace_back(n * 100 + 50, n * 100 + 51 + n % 40);
    const auto text = encode_metadata(0, finished);
    EXPECT_LE(text.size(), metadata_bytes_max);
    const auto decoded = decode_metadata(0, text);
    ASSERT_TRUE(decoded);
    EXPECT_GT(decoded->ranges.size(), 500U);
    EXPECT_TRUE(std::equal(decoded->ranges.begin(), decoded->ranges.end(), finished.ranges.begin()));
    EXPECT_FALSE(metadata_fits(finished.ranges.back().second, finished.ranges.size()));
}

TEST(CommitMetadata, ForeignAndDamagedTextIsNotOurs) {
    for (const auto* text : {"", "hello", "1", "1;", "1;5", "3;5;1+1", "1;5;0+1", "1;5;1+0", "1;5;1+1,", "1;5;1+1;2+2",
                             "1;5;-1+1", "1;5;9223372036854775807+9", "1;5;4611686018427387904+4611686018427387904",
                             "1;99999999999999999999;", "2;5;B", "2;5;C C", "2;5;C=", "2;;C", "2;5"}) {
        EXPECT_FALSE(decode_metadata(0, text)) << text;
    }
    EXPECT_FALSE(decode_metadata(0, "2;5;" + std::string(metadata_bytes_max, 'C')));
    EXPECT_FALSE(decode_metadata(-1, "1;5;1+1"));
    EXPECT_TRUE(decode_metadata(0, "1;5;"));
    EXPECT_TRUE(decode_metadata(0, "2;5;"));
}

TEST(CommitMetadata, SurvivesEveryChangeOfOneCharacter) {
    for (const auto& finished : {every_second(40), FinishedAbove{at(5), {{3, 4}, {90, 95}}}}) {
        const auto text = encode_metadata(0, finished);
        for (std::size_t place = 0; place < text.size(); ++place) {
            for (int character = 0; character < 256; ++character) {
                auto damaged = text;
                damaged[place] = static_cast<char>(character);
                const auto decoded = decode_metadata(0, damaged);
                if (!decoded) continue;
                for (const auto& [begin, end] : decoded->ranges) {
                    ASSERT_GT(begin, 0);
                    ASSERT_LT(begin, end);
                }
            }
        }
    }
}

}  // namespace
}  // namespace productd
