#include "outbound/kafka/kafka_examination.hpp"

#include <gmock/gmock.h>

namespace productd {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using Settings = std::map<std::string, std::string>;

KafkaLogSettings settings() {
    KafkaLogSettings settings;
    settings.in_sync_min = 2;
    settings.retention = std::chrono::hours(1);
    return settings;
}

TEST(KafkaExamination, WantsOfEachTopicOfTheContractWhatItIsFor) {
    const Settings of_changes{{"min.insync.replicas", "2"},
                              {"max.message.bytes", "1048576"},
                              {"cleanup.policy", "delete"},
                              {"retention.ms", "3600000"},
                              {"segment.ms", "43200000"}};
    for (const auto* topic : {"create-product", "update-product", "delete-product"}) {
        EXPECT_EQ(wanted_settings(topic, settings()), of_changes) << topic;
    }
    EXPECT_EQ(wanted_settings("dead-letter-queue", settings()), (Settings{{"min.insync.replicas", "2"},
                                                                          {"max.message.bytes", "3145728"},
                                                                          {"cleanup.policy", "delete"},
                                                                          {"retention.ms", "-1"}}));
    EXPECT_EQ(wanted_settings("dead-letter-state", settings()), (Settings{{"min.insync.replicas", "2"},
                                                                          {"max.message.bytes", "1048576"},
                                                                          {"cleanup.policy", "compact,delete"},
                                                                          {"retention.ms", "-1"}}));
}

TEST(KafkaExamination, MindsTheNumberOfPartitionsWhereATopicGrowsWithIt) {
    for (const auto& topic : settings().topics.all()) {
        const KafkaTopicExamination found{.topic = topic,
                                          .partitions = 2,
                                          .replicas = settings().replicas,
                                          .unread = {},
                                          .settings = wanted_settings(topic, settings())};
        if (topic.starts_with("dead-letter")) {
            EXPECT_THAT(differences(found, 3, settings()), ElementsAre()) << topic;
        } else {
            EXPECT_THAT(differences(found, 3, settings()), ElementsAre(HasSubstr("partitions is 2 and not 3")))
                << topic;
        }
    }
}

}  // namespace
}  // namespace productd
