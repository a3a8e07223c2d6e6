// Packed records come back as they were, and damaged ones are told.
#include "outbound/sqlite/log/sqlite_log_format.hpp"

#include <gtest/gtest.h>

namespace productd {
namespace {

Timestamp at(std::int64_t milliseconds) { return Timestamp(std::chrono::milliseconds(milliseconds)); }

TEST(SqliteLogFormat, GivesBackWhatWasPacked) {
    for (const std::optional<std::string>& key : {std::optional<std::string>(), std::optional<std::string>(""),
                                                  std::optional<std::string>(std::string("k\0y", 3))}) {
        for (const std::optional<std::string>& value : {std::optional<std::string>(), std::optional<std::string>(""),
                                                        std::optional<std::string>(std::string(300, '\xff'))}) {
            const Record record{.topic = "t",
                                .partition = {},
                                .key = key,
                                .value = value,
                                .headers = {{"", ""}, {std::string(200, 'n'), std::string("\0", 1)}},
                                .time = at(-5)};
            const auto bytes = pack_log_record(record, at(1'700'000'000'123));
            const auto unpacked = unpack_log_record(bytes);
            ASSERT_TRUE(unpacked);
            EXPECT_EQ(unpacked->key, key);
            EXPECT_EQ(unpacked->value, value);
            EXPECT_EQ(unpacked->headers, record.headers);
            EXPECT_EQ(unpacked->time, at(-5));
            EXPECT_EQ(log_record_written_at(bytes), at(1'700'000'000'123));
        }
    }
}

TEST(SqliteLogFormat, TellsOfEveryRecordThatIsCutOff) {
    const Record record{.topic = "t", .key = "key", .value = std::nullopt, .headers = {{"name", "value"}}};
    const auto whole = pack_log_record(record, at(1));
    for (std::size_t length = 0; length < whole.size(); ++length) {
        const auto unpacked = unpack_log_record(std::string_view(whole).substr(0, length));
        ASSERT_FALSE(unpacked) << length;
        EXPECT_EQ(unpacked.error().code, Errc::data_loss);
    }
    EXPECT_FALSE(unpack_log_record(whole + "x"));
}

TEST(SqliteLogFormat, SurvivesAnyBytes) {
    std::uint32_t random = 1;
    for (int round = 0; round < 20'000; ++round) {
        std::string bytes{1, static_cast<char>(round & 3)};
        for (int i = 0; i < round % 60; ++i)
            bytes += static_cast<char>((random = random * 1'664'525 + 1'013'904'223) >> 24);
        if (const auto unpacked = unpack_log_record(bytes)) EXPECT_LE(unpacked->headers.size(), bytes.size());
    }
}

TEST(SqliteLogFormat, KeepsPartitionsApartInRowIds) {
    EXPECT_LT(log_row_id(1, (std::int64_t{1} << log_offset_bits) - 1), log_row_id(2, 0));
    EXPECT_GT(log_row_id(log_partitions_max, (std::int64_t{1} << log_offset_bits) - 1), 0);
    EXPECT_EQ(log_offset(log_row_id(77, 123'456'789'012)), 123'456'789'012);
}

}  // namespace
}  // namespace productd
