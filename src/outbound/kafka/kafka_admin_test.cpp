#include "outbound/kafka/kafka_message_log.hpp"

#include <gtest/gtest.h>

#include "fakes/kafka_mock_cluster.hpp"
#include "fakes/test_loop.hpp"

namespace productd {
namespace {

constexpr std::int16_t offset_fetch = 9;  // Its number in Kafka's protocol.

class KafkaAdminTest : public ::testing::Test {
protected:
    auto commits() { return loop_.run(log_->commits("group")); }

    test::KafkaMockCluster cluster_;
    std::unique_ptr<KafkaMessageLog> log_ = std::move(KafkaMessageLog::open(cluster_.settings())).value();
    TestLoop loop_;
};

// Each of these makes librdkafka look for the group's coordinator again, which it does by the client's own group.
TEST_F(KafkaAdminTest, ACoordinatorThatIsNoneAnyMoreIsAFailureLikeOthers) {
    for (const auto code :
         {RD_KAFKA_RESP_ERR_NOT_COORDINATOR_FOR_GROUP, RD_KAFKA_RESP_ERR_GROUP_COORDINATOR_NOT_AVAILABLE}) {
        rd_kafka_mock_push_request_errors(cluster_.raw(), offset_fetch, 1, code);
        const auto told = commits();
        ASSERT_FALSE(told);
        EXPECT_EQ(told.error().code, Errc::unavailable);
    }
    EXPECT_TRUE(commits());
}

TEST_F(KafkaAdminTest, ACoordinatorThatMovedIsFound) {
    rd_kafka_mock_coordinator_set(cluster_.raw(), "group", "group", 1);
    EXPECT_TRUE(commits());
    rd_kafka_mock_coordinator_set(cluster_.raw(), "group", "group", 2);
    loop_.until([this] { return commits().has_value(); });
}

}  // namespace
}  // namespace productd
