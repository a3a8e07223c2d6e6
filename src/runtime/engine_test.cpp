// What a client of Kafka that has failed for good says when it ends the process.
#include "runtime/engine.hpp"

#include <gmock/gmock.h>

#include <algorithm>
#include <future>
#include <ranges>

#include "fakes/kafka_mock_cluster.hpp"
#include "fakes/test_loop.hpp"
#include "telemetry/log.hpp"

namespace productd {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

constexpr std::int16_t init_producer_id = 22;  // https://kafka.apache.org/protocol#protocol_api_keys

MATCHER(is_lines_of_json, "") {
    return std::ranges::all_of(arg | std::views::split('\n'), [](auto&& part) {
        const std::string line(part.begin(), part.end());
        return line.empty() || (line.starts_with('{') && line.ends_with('}'));
    });
}

/// Publishes with a producer that brokers let do nothing, and waits for the end of the process.
void fail_for_good(OpenedBy by) {
    if (by == OpenedBy::service) log::start(log::Format::json, log::Level::info);
    test::KafkaMockCluster cluster;
    cluster.make("create-product", 1);
    rd_kafka_mock_push_request_errors(cluster.raw(), init_producer_id, 1,
                                      RD_KAFKA_RESP_ERR_CLUSTER_AUTHORIZATION_FAILED);
    Config config;
    config.engine.bus = BusEngine::kafka;
    config.kafka = cluster.settings();
    auto log = open_message_log(config, by);
    if (!log) return;
    TestLoop loop;
    static_cast<void>(loop.run((*log)->publish({Record{.topic = "create-product", .value = "x"}})));
    std::promise<void>().get_future().wait_for(std::chrono::minutes(1));
}

class EngineDeathTest : public testing::Test {
protected:
    EngineDeathTest() { GTEST_FLAG_SET(death_test_style, "threadsafe"); }
};

TEST_F(EngineDeathTest, AKafkaClientThatHasFailedForGoodEndsTheServiceWithALineOfItsLog) {
    EXPECT_EXIT(
        fail_for_good(OpenedBy::service), testing::ExitedWithCode(1),
        AllOf(is_lines_of_json(), HasSubstr(R"("level":"error","message":"The Kafka client has failed for good)"),
              HasSubstr("Cluster authorization failed")));
}

TEST_F(EngineDeathTest, AKafkaClientThatHasFailedForGoodEndsACommandWithASentence) {
    EXPECT_EXIT(fail_for_good(OpenedBy::command), testing::ExitedWithCode(1),
                AllOf(HasSubstr("The Kafka client has failed for good"), HasSubstr("Cluster authorization failed"),
                      Not(HasSubstr("{"))));
}

}  // namespace
}  // namespace productd
