// Whole services as members of one group on Kafka, each with its products in a file of its own.
#include <gmock/gmock.h>

#include "fakes/test_loop.hpp"
#include "outbound/kafka/kafka_message_log.hpp"
#include "service/service_on_kafka.hpp"

namespace productd {
namespace {

using ServiceGroup = test::ServiceOnKafka;
using testing::AllOf;
using testing::HasSubstr;

constexpr const char* chair =
    R"({"productId":"0123456789abcdef01234567","name":"Chair","description":"Wood","price":1,"quantity":1,"rating":5})";

TEST_F(ServiceGroup, WithFilesOfTheirOwnMembersAreNotReadyUntilOneHasAllPartitions) {
    const std::string shared = R"({"name":"partitions","ok":false,"detail":"Another instance)";
    const std::string alone = R"({"name":"partitions","ok":true)";
    Service first(config_in(folder_ / "first"));
    ASSERT_TRUE(first.start());
    EXPECT_EQ(until(first, 200, alone), "as expected");
    {
        Service second(config_in(folder_ / "second"));
        ASSERT_TRUE(second.start());
        EXPECT_EQ(until(first, 503, shared), "as expected");
        EXPECT_EQ(until(second, 503, shared), "as expected");
        EXPECT_EQ(until(first, 503, "store: mongodb"), "as expected") << "what to do";
    }
    EXPECT_EQ(until(first, 200, alone), "as expected") << "it has the partitions of the one that left";
}

TEST_F(ServiceGroup, AMemberWhoseGroupRestsOnAnothersFileIsToldSoInItsWelcome) {
    Service first(config_in(folder_ / "first"));
    ASSERT_TRUE(first.start());
    auto log = KafkaMessageLog::open(cluster_.settings());
    ASSERT_TRUE(log);
    TestLoop loop;
    const auto published = loop.run((*log)->publish({Record{.topic = "create-product", .value = chair}}));
    ASSERT_TRUE(published && published->front());
    const auto limit = std::chrono::steady_clock::now() + std::chrono::minutes(1);
    const auto has_committed = [&] {
        const auto commits = loop.run((*log)->commits(cluster_.settings().group));
        return commits && !commits->empty();
    };
    while (!has_committed()) {
        ASSERT_LT(std::chrono::steady_clock::now(), limit) << "the first has committed nothing";
    }

    Service second(config_in(folder_ / "second"));
    ASSERT_TRUE(second.start());
    EXPECT_EQ(until(second, 503, "Products are missing"), "as expected");
    EXPECT_THAT(second.welcome(),
                AllOf(HasSubstr("Products are missing"), HasSubstr("Where another instance of the group has that one"),
                      HasSubstr("run one alone, or all with store: mongodb"), HasSubstr("productd rebuild")));
}

}  // namespace
}  // namespace productd
