#include "cli/doctor/doctor_kafka.hpp"

#include <gmock/gmock.h>

#include "cli/doctor/doctor_fixture.hpp"

namespace productd {
namespace {

using ::testing::ElementsAre;

KafkaTopicExamination a_topic(std::int32_t replicas, const std::string& in_sync, const std::string& unclean = "false") {
    return {.topic = "create-product",
            .partitions = 3,
            .replicas = replicas,
            .in_sync = replicas,
            .unread = {},
            .settings = {{"min.insync.replicas", in_sync},
                         {"unclean.leader.election.enable", unclean},
                         {"cleanup.policy", "delete"},
                         {"retention.ms", "604800000"},
                         {"segment.ms", "43200000"}}};
}

Findings findings_of(const KafkaTopicExamination& topic) { return kafka_findings({3, {topic}}, Config{}); }

TEST(DoctorKafka, IsContentWhereOneBrokerMayBeLost) {
    EXPECT_THAT(findings_of(a_topic(3, "2")),
                ElementsAre(finding(Verdict::ok,
                                    "create-product: an acknowledged write is on 2 of 3 brokers at least and outlives "
                                    "the loss of 1; writes go on without 1.")));
    EXPECT_THAT(findings_of(a_topic(5, "3")), ElementsAre(finding(Verdict::ok, "loss of 2; writes go on without 2.")));
}

TEST(DoctorKafka, WarnsWhereTheLossOfOneBrokerLosesAcknowledgedWrites) {
    EXPECT_THAT(findings_of(a_topic(3, "1")), ElementsAre(finding(Verdict::warn, "may be lost with that one")));
    EXPECT_THAT(findings_of(a_topic(3, "2", "true")),
                ElementsAre(finding(Verdict::warn, "set unclean.leader.election.enable=false.")));
}

TEST(DoctorKafka, WarnsWhereTheLossOfOneBrokerStopsWrites) {
    EXPECT_THAT(findings_of(a_topic(2, "2")), ElementsAre(finding(Verdict::warn, "writes stop when one of them")));
    EXPECT_THAT(findings_of(a_topic(1, "1")),
                ElementsAre(finding(Verdict::warn, "acknowledged writes are lost, and writes stop")));
}

TEST(DoctorKafka, CountsNoMoreBrokersThanThereAreReplicas) {
    EXPECT_THAT(findings_of(a_topic(1, "2")), ElementsAre(finding(Verdict::warn, "is on 1 broker alone")));
    EXPECT_THAT(findings_of(a_topic(2, "3")), ElementsAre(finding(Verdict::warn, "is on 2 brokers, but writes stop")));
}

TEST(DoctorKafka, SaysBothWhereAWriteMayBeLostAndWritesMayStop) {
    EXPECT_THAT(findings_of(a_topic(2, "2", "true")),
                ElementsAre(finding(Verdict::warn, "unclean.leader"), finding(Verdict::warn, "writes stop")));
}

TEST(DoctorKafka, NamesAMissingTopicAndWhatToRun) {
    EXPECT_THAT(findings_of({.topic = "update-product", .unread = {}, .settings = {}}),
                ElementsAre(finding(Verdict::fail, "update-product: missing: run `productd topics create`.")));
}

TEST(DoctorKafka, PromisesNothingOfATopicWhoseSettingsItMayNotRead) {
    auto topic = a_topic(3, "2");
    topic.settings.clear();
    topic.unread = "Kafka does not allow this to Kafka.User.";
    EXPECT_THAT(findings_of(topic), ElementsAre(finding(Verdict::warn, "does not allow this to Kafka.User.")));
    EXPECT_EQ(differences(topic, 3, {.connection = {}, .topics = {}, .replicas = 3}),
              std::vector<std::string>{"its settings cannot be read: Kafka does not allow this to Kafka.User."});
}

TEST(DoctorKafka, PutsTopicsOfWhichTheSameIsToBeSaidIntoOneLine) {
    auto other = a_topic(3, "2");
    other.topic = "update-product";
    EXPECT_THAT(kafka_findings({3, {a_topic(3, "2"), other}}, Config{}),
                ElementsAre(finding(Verdict::ok, "create-product, update-product: ")));
}

TEST(DoctorKafka, WarnsOfReplicasOutOfSyncAndOfWritesThatAreRefused) {
    auto topic = a_topic(3, "2");
    topic.are_in_sync = false;
    topic.in_sync = 2;
    EXPECT_THAT(findings_of(topic)[1], finding(Verdict::warn, "only 2 of 3 replicas are in sync now: see"));
    topic.in_sync = 1;
    EXPECT_THAT(findings_of(topic)[1], finding(Verdict::warn, "in sync now, and writes are refused: see"));
}

TEST(DoctorKafka, WarnsOfBrokersThatOverwriteTimes) {
    auto topic = a_topic(3, "2");
    topic.settings["message.timestamp.type"] = "LogAppendTime";
    ASSERT_EQ(findings_of(topic).size(), 2U);
    EXPECT_THAT(findings_of(topic)[1], finding(Verdict::warn, "set message.timestamp.type=CreateTime."));
}

TEST(DoctorKafka, WarnsOfSourcesThatOutliveTombstones) {
    auto topic = a_topic(3, "2");
    const auto ttl = Config{}.store.tombstone_ttl.count();
    topic.settings["retention.ms"] = std::to_string(ttl - 43'200'000);
    EXPECT_THAT(findings_of(topic)[1], finding(Verdict::warn, "Store.TombstoneTtl"));
    topic.settings["retention.ms"] = std::to_string(ttl - 43'200'001);
    EXPECT_EQ(findings_of(topic).size(), 1U);
    topic.settings["retention.ms"] = "-1";
    EXPECT_THAT(findings_of(topic)[1], finding(Verdict::warn, "Store.TombstoneTtl"));
    topic.topic = "dead-letter-queue";
    EXPECT_THAT(findings_of(topic), ElementsAre(finding(Verdict::ok, "")));
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
    topic.topic = "dead-letter-queue";  // It keeps the partitions it was made with.
    topic.settings["max.message.bytes"] = "3145728";
    topic.settings["retention.ms"] = "-1";
    EXPECT_TRUE(differences(topic, 6, settings).empty());
}

}  // namespace
}  // namespace productd
