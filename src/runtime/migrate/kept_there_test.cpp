#include "runtime/migrate/kept_there.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace productd {
namespace {

using namespace std::chrono_literals;
using ::testing::HasSubstr;

constexpr Timestamp now{1'800'000'000'000ms};

KafkaTopicExamination topic() {
    return {.topic = "t",
            .partitions = 3,
            .unread = {},
            .settings = {{"cleanup.policy", "delete"},
                         {"retention.ms", "604800000"},
                         {"retention.bytes", "-1"},
                         {"max.message.bytes", "1048576"},
                         {"message.timestamp.type", "CreateTime"},
                         {"message.timestamp.before.max.ms", "9223372036854775807"}}};
}

MessageBurden burden() { return {.count = 2, .bytes = 3'000, .largest = 2'000, .oldest = now - 1h}; }

std::string refusal(const MessageBurden& of, const KafkaTopicExamination& by) {
    const auto kept = check_kept(of, by, now);
    return kept ? "" : kept.error().detail;
}

TEST(KeptThere, TakesWhatTheTopicKeepsForAnHourMore) {
    auto old = burden();
    EXPECT_EQ(refusal(old, topic()), "");
    old.oldest = now - 167h;
    EXPECT_EQ(refusal(old, topic()), "");
    old.oldest -= 1ms;
    EXPECT_THAT(refusal(old, topic()), HasSubstr("the oldest message is 167 hours old, and the topic drops messages "
                                                 "after 168 hours: raise retention.ms until they are read"));
    old.oldest = now + 1h;
    EXPECT_EQ(refusal(old, topic()), "");
}

TEST(KeptThere, TakesWhatIsOldWhereTheTopicKeepsItForEver) {
    auto old = burden();
    old.oldest = now - 100'000h;
    auto there = topic();
    there.settings["retention.ms"] = "-1";
    EXPECT_EQ(refusal(old, there), "");
    there = topic();
    there.settings["cleanup.policy"] = "compact";
    EXPECT_EQ(refusal(old, there), "");
    there.settings["cleanup.policy"] = "compact,delete";
    EXPECT_THAT(refusal(old, there), HasSubstr("raise retention.ms"));
}

TEST(KeptThere, RefusesWhatBrokersWouldNotTakeOrDropForItsSize) {
    auto there = topic();
    there.settings["max.message.bytes"] = "1999";
    EXPECT_THAT(refusal(burden(), there), HasSubstr("2000 bytes, and the topic takes 1999: raise max.message.bytes"));
    there.settings["max.message.bytes"] = "2000";
    EXPECT_EQ(refusal(burden(), there), "");
    there.settings["retention.bytes"] = "2999";
    EXPECT_THAT(refusal(burden(), there), HasSubstr("raise retention.bytes"));
    there.settings["retention.bytes"] = "3000";
    EXPECT_EQ(refusal(burden(), there), "");
    there.settings["message.timestamp.before.max.ms"] = "3599999";
    EXPECT_THAT(refusal(burden(), there), HasSubstr("raise message.timestamp.before.max.ms"));
}

TEST(KeptThere, RefusesATopicThatGivesOtherTimesOrOfWhichNothingIsKnown) {
    auto there = topic();
    there.settings["message.timestamp.type"] = "LogAppendTime";
    EXPECT_THAT(refusal(burden(), there), HasSubstr("set message.timestamp.type=CreateTime"));
    there = topic();
    there.unread = "not allowed";
    EXPECT_THAT(refusal(burden(), there), HasSubstr("(not allowed)"));
    EXPECT_EQ(refusal({}, there), "") << "Nothing is to be moved there.";
    there.partitions = 0;
    EXPECT_EQ(refusal(burden(), there), "") << "It is not there yet.";
}

}  // namespace
}  // namespace productd
