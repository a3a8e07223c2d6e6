// Whole services as members of one group on Kafka, each with its products in a file of its own.
#include <gmock/gmock.h>

#include "service/service_on_kafka.hpp"

namespace productd {
namespace {

using ServiceGroup = test::ServiceOnKafka;
using testing::HasSubstr;

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
        EXPECT_THAT(readiness(first).body, HasSubstr("store: mongodb")) << "what to do";
    }
    EXPECT_EQ(until(first, 200, alone), "as expected") << "it has the partitions of the one that left";
}

}  // namespace
}  // namespace productd
