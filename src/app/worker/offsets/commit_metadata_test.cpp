// What a commit's metadata tells, and that nothing else is taken for it.
#include "app/worker/offsets/commit_metadata.hpp"

#include <gtest/gtest.h>

#include <random>

#include "codec/sha256.hpp"
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

/// As the format's description says.
std::string sealed(std::int64_t commit, char form, const std::string& told) {
    const auto digest = hex(sha256(std::to_string(commit) + ';' + form + ';' + told));
    return std::string(1, form) + ';' + digest.substr(0, 8) + ';' + told;
}

TEST(CommitMetadata, ComesBackAsItWasInTheShorterForm) {
    const FinishedAbove few{at(-5), {{7, 9}, {1'000'000'000'000, 1'000'000'000'001}}};
    EXPECT_EQ(encode_metadata(2, few), sealed(2, '3', "-5;5+2,999999999991+1"));
    EXPECT_EQ(decode_metadata(2, encode_metadata(2, few)), few);

    const auto many = every_second(10'000);
    const auto text = encode_metadata(0, many);
    EXPECT_TRUE(text.starts_with("4;") && text.substr(10).starts_with(";1800000000000;qqqq")) << text;
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

TEST(CommitMetadata, ComesBackWholeWhereTheRangesThatFitAreAsShortAsAllOfTheBits) {
    auto finished = every_second(1'004);
    finished.ranges.emplace_back(12'008, 24'096);
    EXPECT_EQ(decode_metadata(0, encode_metadata(0, finished)), finished);
}

TEST(CommitMetadata, TakesTheBitsAlsoWhereTheRangesWouldFit) {
    EXPECT_TRUE(encode_metadata(0, every_second(100)).starts_with("4;"));
}

TEST(CommitMetadata, ReadsNoFurtherThanItsText) {
    const FinishedAbove finished{at(5), {{3, 4}}};
    const auto text = encode_metadata(0, finished);
    EXPECT_EQ(decode_metadata(0, std::string_view(text + "7").substr(0, text.size())), finished);
}

TEST(CommitMetadata, WhateverIsFinishedFitsIntoSixOffsetsACharacter) {
    const auto most = static_cast<std::int64_t>(metadata_bytes_max - 48 - 32) * 6;  // 48 are the log's.
    EXPECT_TRUE(metadata_fits(most, 1'000'000));
    EXPECT_FALSE(metadata_fits(most + 1, 1'000'000));
    EXPECT_TRUE(metadata_fits(100'400, 501)) << "1,004 numbers of three digits";
    EXPECT_FALSE(metadata_fits(100'600, 502));
}

TEST(CommitMetadata, TellsOfOffsetsUpToTheHighestThatThereIs) {
    EXPECT_TRUE(decode_metadata(0, sealed(0, '3', "5;1+4611686018427387903")));
    EXPECT_FALSE(decode_metadata(0, sealed(0, '3', "5;1+4611686018427387904")));
    EXPECT_TRUE(decode_metadata(0, sealed(0, '3', "5;4611686018427387903+1")));
}

TEST(CommitMetadata, ForeignTextIsNotOurs) {
    for (const auto* text : {"", "hello", "1", "1;", "1;5;1+1", "2;5;C", "3;", "3;5;1+1", "3;01234567;5;1+1"}) {
        EXPECT_FALSE(decode_metadata(0, text)) << text;
    }
    EXPECT_FALSE(decode_metadata(0, sealed(0, '4', "5;" + std::string(metadata_bytes_max, 'C'))));
    EXPECT_FALSE(decode_metadata(-1, sealed(-1, '3', "5;1+1")));
    EXPECT_FALSE(decode_metadata(0, sealed(0, '1', "5;1+1")));
    EXPECT_TRUE(decode_metadata(0, sealed(0, '3', "5;")));
    EXPECT_TRUE(decode_metadata(0, sealed(0, '4', "5;")));
}

TEST(CommitMetadata, WhatIsWrittenWrongIsNotOursAlsoWithARightChecksum) {
    for (const auto* told : {"", "5", "5;0+1", "5;1+0", "5;1+1,", "5;1+1;2+2", "5;-1+1", "5;9223372036854775807+9",
                             "5;4611686018427387904+4611686018427387904", "99999999999999999999;"}) {
        EXPECT_FALSE(decode_metadata(0, sealed(0, '3', told))) << told;
    }
    for (const auto* told : {"", "5", "5;B", "5;C C", "5;C=", ";C"}) {
        EXPECT_FALSE(decode_metadata(0, sealed(0, '4', told))) << told;
    }
}

TEST(CommitMetadata, WithAnyCharacterChangedOrAtAnotherCommitItIsNotOurs) {
    for (const auto& finished : {every_second(40), FinishedAbove{at(5), {{3, 4}, {90, 95}}}}) {
        const auto text = encode_metadata(0, finished);
        for (std::size_t place = 0; place < text.size(); ++place) {
            for (int character = 0; character < 256; ++character) {
                auto damaged = text;
                damaged[place] = static_cast<char>(character);
                ASSERT_EQ(decode_metadata(0, damaged).has_value(), damaged == text) << damaged;
            }
            ASSERT_FALSE(decode_metadata(0, text.substr(0, place)));
        }
        EXPECT_FALSE(decode_metadata(1, text));
    }
}

TEST(CommitMetadata, WhatItTellsMustBePossible) {
    const FinishedAbove finished{at(5), {{3, 4}, {90, 95}}};
    const auto text = encode_metadata(0, finished);
    EXPECT_EQ(decode_metadata(0, text, {.end = 95, .read_up_to_max = at(5)}), finished);
    EXPECT_FALSE(decode_metadata(0, text, {.end = 94}));
    EXPECT_FALSE(decode_metadata(0, text, {.read_up_to_max = at(4)}));
    EXPECT_EQ(decode_metadata(7, encode_metadata(7, {at(5), {}}), {.end = 7}), (FinishedAbove{at(5), {}}));
}

}  // namespace
}  // namespace productd
