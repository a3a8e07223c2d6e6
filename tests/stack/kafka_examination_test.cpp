// What three real brokers tell of topics: how they were made, in what they differ, and why nothing is told at all.
#include "outbound/kafka/kafka_examination.hpp"

#include <gmock/gmock.h>

#include <algorithm>

#include "stack/kafka_server.hpp"

namespace productd::test {
namespace {

using ::testing::Contains;
using ::testing::Each;
using ::testing::ElementsAre;
using ::testing::Field;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class KafkaExaminationTest : public testing::Test {
protected:
    KafkaExaminationTest() {
        const auto prefix = own_prefix();
        settings_.topics = {prefix + "create", prefix + "update", prefix + "delete", prefix + "letters",
                            prefix + "states"};
    }

    static void make_all(const KafkaLogSettings& settings) {
        std::vector<TopicSpec> specs;
        for (const auto& name : settings.topics.all()) specs.push_back({name, partitions});
        make_topics(settings, specs);
    }

    /// Brokers hear of a topic one after the other, and a replica is in sync once it has fetched: waits, 10 s at most.
    static KafkaExamination examine_settled(const KafkaLogSettings& settings) {
        const auto is_settled = [](const KafkaTopicExamination& topic) {
            return topic.partitions == partitions && topic.are_in_sync && topic.unread.empty();
        };
        const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(10);
        for (;;) {
            auto found = examine_kafka(settings);
            if (!found) throw std::runtime_error(found.error().detail);
            if (std::ranges::all_of(found->topics, is_settled)) return *found;
            if (std::chrono::steady_clock::now() > deadline) throw std::runtime_error("The topics do not settle.");
        }
    }

    static constexpr std::int32_t partitions = 2;
    KafkaLogSettings settings_ = kafka_settings();
};

TEST_F(KafkaExaminationTest, FindsTopicsThatAreMissing) {
    const auto found = examine_kafka(settings_);
    ASSERT_TRUE(found) << found.error().detail;
    EXPECT_EQ(found->brokers, 3);
    EXPECT_EQ(found->topics.size(), 5U);
    EXPECT_THAT(found->topics, Each(Field(&KafkaTopicExamination::partitions, 0)));
}

TEST_F(KafkaExaminationTest, FindsTopicsAsTheyWereMade) {
    make_all(settings_);
    const auto found = examine_settled(settings_);
    ASSERT_EQ(found.topics.size(), 5U);
    for (const auto& topic : found.topics) {
        EXPECT_THAT(differences(topic, partitions, settings_), IsEmpty()) << topic.topic;
        EXPECT_EQ(topic.partitions, partitions);
        EXPECT_EQ(topic.replicas, 3);
        EXPECT_EQ(topic.in_sync, 3);
        EXPECT_TRUE(topic.unread.empty()) << topic.unread;
        EXPECT_EQ(topic.setting("min.insync.replicas"), "2");
        EXPECT_EQ(topic.setting("unclean.leader.election.enable"), "false");
        EXPECT_EQ(topic.setting("message.timestamp.type"), "CreateTime");
    }
    EXPECT_EQ(found.topics.front().setting("cleanup.policy"), "delete");
    EXPECT_EQ(found.topics.front().setting("segment.ms"), "43200000");
    EXPECT_EQ(found.topics.back().topic, settings_.topics.dead_letter_states);
    EXPECT_EQ(found.topics.back().setting("cleanup.policy"), "compact,delete");
}

TEST_F(KafkaExaminationTest, SaysInWhatTopicsDiffer) {
    auto others = settings_;
    others.replicas = 2;
    others.in_sync_min = 1;
    others.retention = std::chrono::hours(1);
    make_all(others);
    const auto found = examine_settled(settings_);
    EXPECT_THAT(differences(found.topics.front(), 1, settings_),
                ElementsAre("its number of partitions is 2 and not 1", "its number of replicas is 2 and not 3",
                            "min.insync.replicas is 1 and not 2", "retention.ms is 3600000 and not 604800000"));
    EXPECT_THAT(differences(found.topics.back(), partitions, settings_),
                ElementsAre("its number of replicas is 2 and not 3", "min.insync.replicas is 1 and not 2"));
}

TEST_F(KafkaExaminationTest, ConfusesNoTopicWithAnother) {
    make_all(settings_);
    auto swapped = settings_;
    std::swap(swapped.topics.create, swapped.topics.dead_letter_states);
    const auto found = examine_settled(swapped);
    EXPECT_THAT(differences(found.topics.front(), partitions, swapped),
                Contains("cleanup.policy is compact,delete and not delete"));
}

TEST_F(KafkaExaminationTest, SaysThatNobodyAnswers) {
    settings_.connection.brokers = {"127.0.0.1:1"};
    settings_.call_timeout = std::chrono::milliseconds{500};
    const auto found = examine_kafka(settings_);
    ASSERT_FALSE(found);
    EXPECT_EQ(found.error().code, Errc::unavailable);
    EXPECT_THAT(found.error().cause, HasSubstr("Kafka.Brokers"));
    EXPECT_THAT(found.error().cause, HasSubstr("127.0.0.1:1"));
}

TEST_F(KafkaExaminationTest, SaysThatTlsIsNotSpokenThere) {
    settings_.connection.tls = true;
    settings_.call_timeout = std::chrono::milliseconds{1'500};
    const auto found = examine_kafka(settings_);
    ASSERT_FALSE(found);
    // librdkafka calls the same handshake now a failure of TLS, now of the connection: only the cause is certain.
    EXPECT_THAT(found.error().cause, HasSubstr("SSL"));
}

}  // namespace
}  // namespace productd::test
