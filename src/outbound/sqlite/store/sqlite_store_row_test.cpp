// The blobs of a row: whole, and cut or changed anywhere.
#include "outbound/sqlite/store/sqlite_store_row.hpp"

#include <gtest/gtest.h>

#include "fakes/sample_product.hpp"

namespace productd {
namespace {

using namespace std::string_literals;

History full_history() {
    std::vector<Fence> fences;
    for (int i = 0; i < 64; ++i) fences.push_back({{"topic-" + std::to_string(i), i - 1}, INT64_MAX - i, test::at(-i)});
    fences[0] = {{"", INT32_MIN}, INT64_MIN, test::at(INT64_MIN)};
    fences[1] = {{"a\0b"s, INT32_MAX}, 0, test::at(INT64_MAX)};
    return {Fences(fences), Digest{0xFF, 0, 1}, test::at(-3)};
}

TEST(SqliteStoreRow, KeepsAHistoryExactly) {
    EXPECT_EQ(encode_history({}), "");
    EXPECT_EQ(decode_history(""), History{});
    EXPECT_EQ(decode_history(encode_history(full_history())), full_history());
    for (const auto& history : {History{{}, Digest{7}, {}}, History{{}, {}, test::at(INT64_MAX)}}) {
        EXPECT_EQ(decode_history(encode_history(history)), history);
    }
}

TEST(SqliteStoreRow, TakesAboutThirtyBytesAFence) {
    const History history{Fences({{{"create-product", 2}, 123'456, test::at(1'700'000'000'000)}}), {}, {}};
    EXPECT_LE(encode_history(history).size(), 30u);
}

TEST(SqliteStoreRow, KeepsPhotosExactly) {
    for (const auto& photos : {std::vector<std::string>{}, {""}, {"a", "", "\0"s, std::string(1'000, 'x')}}) {
        EXPECT_EQ(decode_photos(encode_photos(photos)), photos);
    }
}

TEST(SqliteStoreRow, SaysThatABlobIsDamagedWhereverItIsCut) {
    const auto history = encode_history(full_history());
    for (std::size_t size = 1; size < history.size(); ++size) {
        const auto read = decode_history(std::string_view(history).substr(0, size));
        ASSERT_FALSE(read) << size;
        ASSERT_EQ(read.error().code, Errc::data_loss);
    }
    EXPECT_FALSE(decode_history(history + "x"));
    const auto photos = encode_photos({"a.png", "b.png"});
    for (std::size_t size = 1; size < photos.size(); ++size) EXPECT_FALSE(decode_photos(photos.substr(0, size)));
    EXPECT_FALSE(decode_photos(photos + "x"));
}

TEST(SqliteStoreRow, SurvivesABlobChangedAnywhere) {
    const auto history = encode_history(full_history());
    for (std::size_t i = 0; i < history.size(); ++i) {
        auto changed = history;
        changed[i] = static_cast<char>(~changed[i]);
        const auto read = decode_history(changed);
        EXPECT_TRUE(!read || *read != full_history()) << i;
    }
    EXPECT_FALSE(decode_photos("\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\x7F"));
    EXPECT_FALSE(decode_photos("\x01\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\x7F"));
}

}  // namespace
}  // namespace productd
