#include "cli/doctor_kafka.hpp"

#include <gmock/gmock.h>

namespace productd {
namespace {

using ::testing::HasSubstr;

KafkaTopicExamination a_topic(std::int32_t replicas, const std::string& in_sync, const std::string& unclean = "false") {
    return {.topic = "create-product",
            .partitions = 3,
            .replicas = replicas,
            .settings = {{"min.insync.replicas", in_sync},
                         {"unclean.leader.election.enable", unclean},
                         {"retention.ms", "604800000"},
                         {"segment.ms", "43200000"}}};
}

Finding first(const KafkaTopicExamination& topic) { return kafka_findings({3, {topic}}, Config{}).front(); }

TEST(DoctorKafka, SaysHowDurableAnAcknowledgedWriteIs) {
    EXPECT_EQ(first(a_topic(3, "2")).verdict, Verdict::ok);
    EXPECT_THAT(first(a_topic(3, "2")).sentence, HasSubstr("on 2 brokers at least; writes go on while 1 of 3"));
    EXPECT_EQ(first(a_topic(3, "1")).verdict, Verdict::warn);
    EXPECT_THAT(first(a_topic(3, "1")).sentence, HasSubstr("lost with that one"));
    EXPECT_EQ(first(a_topic(2, "2")).verdict, Verdict::warn);
    EXPECT_THAT(first(a_topic(2, "2")).sentence, HasSubstr("writes stop when one of them is lost"));
    EXPECT_THAT(first(a_topic(3, "2", "true")).sentence, HasSubstr("unclean.leader.election.enable=false"));
}

TEST(DoctorKafka, NamesAMissingTopicAndWhatToRun) {
    const auto finding = first({.topic = "update-product", .settings = {}});
    EXPECT_EQ(finding.verdict, Verdict::fail);
    EXPECT_EQ(finding.sentence, "update-product: is missing: make it with `productd topics create`.");
}

TEST(DoctorKafka, PutsTopicsOfWhichTheSameIsToBeSaidIntoOneLine) {
    auto other = a_topic(3, "2");
    other.topic = "update-product";
    const auto findings = kafka_findings({3, {a_topic(3, "2"), other}}, Config{});
    ASSERT_EQ(findings.size(), 1U);
    EXPECT_THAT(findings.front().sentence, HasSubstr("create-product, update-product: "));
}

TEST(DoctorKafka, WarnsOfWhatIsOutOfSyncOverwritesTimesOrOutlivesTombstones) {
    auto topic = a_topic(3, "2");
    topic.are_in_sync = false;
    topic.settings["message.timestamp.type"] = "LogAppendTime";
    topic.settings["retention.ms"] = "-1";
    const auto findings = kafka_findings({3, {topic}}, Config{});
    ASSERT_EQ(findings.size(), 4U);
    EXPECT_THAT(findings[1].sentence, HasSubstr("not in sync"));
    EXPECT_THAT(findings[2].sentence, HasSubstr("message.timestamp.type=CreateTime"));
    EXPECT_THAT(findings[3].sentence, HasSubstr("Store.TombstoneTtl"));
}

TEST(DoctorKafka, SaysInWhatATopicDiffersFromWhatItWouldBeMadeAs) {
    KafkaLogSettings settings;
    settings.replicas = 3;
    settings.in_sync_min = 2;
    auto topic = a_topic(3, "2");
    topic.settings["max.message.bytes"] = "1048576";
    EXPECT_TRUE(differences(topic, 3, settings).empty());
    topic.settings["retention.ms"] = "60000";
    EXPECT_EQ(differences(topic, 6, settings), (std::vector<std::string>{"its number of partitions is 3 and not 6",
                                                                         "retention.ms is 60000 and not 604800000"}));
}

}  // namespace
}  // namespace productd
