// What a line says: one valid line for each, whatever is in it; which are written, and which only counted.
#include "telemetry/log.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>
#include <simdjson.h>

#include <cmath>
#include <thread>

#include "fakes/log_lines.hpp"
#include "telemetry/log_text.hpp"

namespace productd::log {
namespace {

using namespace std::chrono_literals;
using test::log_lines;
using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

/// The text of a member, as a reader of JSON sees it; it refuses what is not UTF-8.
std::string member(const std::string& line, std::string_view name) {
    simdjson::dom::parser parser;
    const simdjson::dom::element read = parser.parse(line);
    return std::string(std::string_view(read[name]));
}

/// As the log may show it.
bool is_clean(std::string_view line) {
    return std::ranges::none_of(line, [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; });
}

RC_GTEST_PROP(Log, WritesOneValidLineWhateverIsInMessageAndFields,
              (const std::string& message, const std::string& text)) {
    const auto written = line(Level::info, message, {{"text", text}});
    RC_ASSERT(is_clean(written));
    simdjson::dom::parser parser;
    simdjson::dom::element read;
    RC_ASSERT(parser.parse(written).get(read) == simdjson::SUCCESS);
}

TEST(Log, KeepsWhatIsValidAndShowsWhatIsNot) {
    const std::string hostile =
        "a\nb\r\t\"\\\x1B[31m\x7F\xC2\x9B\xFF\xC0\xAF\xED\xA0\x80 \xC3\xA9\xE2\x82\xAC\xF0\x9F\x92\xA9 end\xE2\x82";
    const auto written = line(Level::info, hostile, {{"forged", "x\"}\n{\"level\":\"error\"}"}});
    EXPECT_TRUE(is_clean(written));
    EXPECT_EQ(member(written, "message"),
              "a\nb\r\t\"\\\x1B[31m\x7F\xC2\x9B\uFFFD\uFFFD\uFFFD\uFFFD\uFFFD\uFFFD é€💩 end\uFFFD\uFFFD");
    EXPECT_EQ(member(written, "forged"), "x\"}\n{\"level\":\"error\"}");
    EXPECT_THAT(written, Not(HasSubstr("\xC2\x9B"))) << "some terminals take it for an escape";
}

TEST(Log, LetsNothingOutOfALineForAPersonEither) {
    const auto lines =
        log_lines([] { info("said \"x\"\n2026-01-01T00:00:00.000Z error \x1B[2J", {{"text", "\x1B[31m\nred"}}); },
                  Level::info, Format::console);
    log_lines([] {});  // JSON again.
    ASSERT_EQ(lines.size(), 1U);
    EXPECT_TRUE(is_clean(lines[0]));
    EXPECT_THAT(lines[0], HasSubstr(R"( info  said "x"\n2026)"));
    EXPECT_THAT(lines[0], HasSubstr(R"(text="\u001b[31m\nred")"));
}

TEST(Log, CutsALongTextBetweenCharacters) {
    std::string text(text_bytes_max - 1, 'x');
    text += "\xE2\x82\xAC and more";
    const auto written = line(Level::info, "long", {{"text", text}});
    EXPECT_EQ(member(written, "text"), std::string(text_bytes_max - 1, 'x') + "…");
}

TEST(Log, LeavesOutWhatHasNoValueAndSaysNullForWhatIsNoNumber) {
    const auto written = line(Level::info, "m",
                              {{"none", ""},
                               {"nothing", std::optional<double>{}},
                               {"nan", std::nan("")},
                               {"flag", false},
                               {"count", -1},
                               {"real", 0.125}});
    EXPECT_THAT(written, HasSubstr(R"("message":"m","nan":null,"flag":false,"count":-1,"real":0.125})"));
}

TEST(Log, WritesTheTimeInUtcWithMilliseconds) {
    EXPECT_THAT(line(Level::warn, "m"),
                testing::MatchesRegex("\\{\"time\":\"[0-9-]{10}T[0-9:]{8}\\.[0-9]{3}Z\",\"level\":\"warn\",.*"));
}

TEST(Log, WritesNothingBelowItsLevelAndChangesItAtOnce) {
    const auto lines = log_lines(
        [] {
            info("one");
            set_level(Level::info, "a test");
            info("two");
            debug("three");
        },
        Level::warn);
    ASSERT_EQ(lines.size(), 2U);
    EXPECT_THAT(lines[0],
                AllOf(HasSubstr("level of the log"), HasSubstr(R"("from":"warn","to":"info","by":"a test")")));
    EXPECT_THAT(lines[1], HasSubstr("two"));
}

TEST(Log, TakesALevelBackWhenItsTimeIsOver) {
    const auto lines = log_lines(
        [] {
            set_level_for(Level::debug, 1h, "a test");
            EXPECT_EQ(level_now().level, Level::debug);
            EXPECT_EQ(level_now().then, Level::warn);
            EXPECT_GT(level_now().left, 59min);
            set_level_for(Level::info, 1ms, "a test");
            while (level_now().left) std::this_thread::yield();
            EXPECT_EQ(level_now().level, Level::warn);
            EXPECT_FALSE(enabled(Level::info));
        },
        Level::warn);
    EXPECT_THAT(lines.back(), HasSubstr(R"("from":"info","to":"warn","by":"the end of its time")"));
}

TEST(Log, TellsRepeatsOnceWithTheirNumberAndNeverCountsRequests) {
    const auto lines = log_lines(
        [] {
            for (int i = 0; i < 100; ++i) warn("again", {{"cause", "no route"}, {"offset", i}});
            for (int i = 0; i < 100; ++i) access(Level::info, "request", {});
            for (int i = 0; i < 100; ++i) debug("detail");
        },
        Level::debug);
    const auto are = [&](const std::string& part) {
        return std::ranges::count_if(lines, [&](const auto& line) { return line.contains(part); });
    };
    EXPECT_EQ(are("\"request\""), 100);
    EXPECT_EQ(are("detail"), 100) << "whoever asks for them wants all";
    EXPECT_EQ(are("again"), 11);
    EXPECT_THAT(lines.back(), HasSubstr(R"("level":"warn","message":"again","cause":"no route","repeated":90})"));
}

TEST(Log, HidesSecretsInWhatADriverSays) {
    const auto lines = log_lines([] {
        hide({"hush", "hush-9f3", "p%40ss"});
        driver(Level::warn, "Kafka", "SASL failed for keeper with hush-9f3\n", "FAIL");
        driver(Level::warn, "MongoDB's driver", "cannot read mongodb://keeper:other/p@ss@host:1/?x and mongodb://h:1");
        driver(Level::warn, "MongoDB's driver", "said p%40ss twice: p%40ss");
        hide({});
    });
    ASSERT_EQ(lines.size(), 3U);
    EXPECT_EQ(member(lines[0], "said"), "SASL failed for keeper with ****");
    EXPECT_EQ(member(lines[0], "origin"), "FAIL");
    EXPECT_EQ(member(lines[1], "said"), "cannot read mongodb://keeper:****@host:1/?x and mongodb://h:1");
    EXPECT_EQ(member(lines[2], "said"), "said **** twice: ****");
}

}  // namespace
}  // namespace productd::log
