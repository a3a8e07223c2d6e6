// Times as both services write them.
#include "codec/time_text.hpp"

#include <gtest/gtest.h>

#include "codec/json/json_text.hpp"

namespace productd {
namespace {

std::string again(std::string_view text) {
    const auto time = parse_time(text);
    if (!time) return "nothing";
    std::string out;
    json::append_time(out, *time);
    return out.substr(1, out.size() - 2);
}

TEST(TimeText, ReadsWhatWasWritten) {
    EXPECT_EQ(again("2026-11-23T07:46:06.372Z"), "2026-11-23T07:46:06.372Z");
    EXPECT_EQ(again("1969-12-31T23:59:59.999Z"), "1969-12-31T23:59:59.999Z");
    EXPECT_EQ(again("2026-01-31"), "2026-01-31T00:00:00.000Z");
    EXPECT_EQ(again("2026-01-31T10:05"), "2026-01-31T10:05:00.000Z");
}

TEST(TimeText, ReadsDecimalsAsTheOlderServiceWritesThem) {
    EXPECT_EQ(again("2026-11-23T07:46:06Z"), "2026-11-23T07:46:06.000Z");
    EXPECT_EQ(again("2026-11-23T07:46:06.3Z"), "2026-11-23T07:46:06.300Z");
    EXPECT_EQ(again("2026-11-23T07:46:06.37Z"), "2026-11-23T07:46:06.370Z");
    EXPECT_EQ(again("2026-11-23T07:46:06.372999999Z"), "2026-11-23T07:46:06.372Z");
}

TEST(TimeText, RefusesAnythingElse) {
    for (const auto* text : {"", "Z", "2026", "2026-02-30", "2026-01-31T24:00", "2026-01-31T23:60",
                             "2026-01-31T23:59:60", "2026-11-23T07:46:06.", "yesterday", "2026-11-23T07:46:06.12x",
                             "2026-11-23T07:46:06.1234567890", "2026-11-23 07:46:06"}) {
        EXPECT_EQ(parse_time(text), std::nullopt) << text;
    }
}

}  // namespace
}  // namespace productd
