// Whole services as members of one group on Kafka, each with its products in a file of its own.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <thread>

#include "fakes/http_raw_client.hpp"
#include "fakes/kafka_mock_cluster.hpp"
#include "fakes/temp_folder.hpp"
#include "runtime/service.hpp"

namespace productd {
namespace {

using testing::HasSubstr;

class ServiceGroup : public testing::Test {
protected:
    ServiceGroup() {
        for (const auto& topic : TopicNames{}.all()) cluster_.make(topic, 3);
    }

    Config config_in(const std::filesystem::path& folder) const {
        Config config;
        config.data.dir = folder;
        config.http.port = config.server.port = config.metrics.port = 0;
        config.engine.bus = BusEngine::kafka;
        config.kafka = cluster_.settings();
        return config;
    }

    static RawResponse readiness(const Service& service) {
        auto client = RawClient::tcp(service.ports().metrics);
        EXPECT_TRUE(client.send("GET /readyz?verbose HTTP/1.1\r\nHost: localhost\r\n\r\n"));
        return client.receive().value_or(RawResponse{});
    }

    /// Waits for a readiness of this status that says `part`; what it said last, where that does not come.
    static std::string until(const Service& service, unsigned status, const std::string& part) {
        const auto limit = std::chrono::steady_clock::now() + std::chrono::minutes(1);
        auto told = readiness(service);
        while (told.status != status || !told.body.contains(part)) {
            if (std::chrono::steady_clock::now() > limit) return std::to_string(told.status) + ' ' + told.body;
            std::this_thread::yield();
            told = readiness(service);
        }
        return "as expected";
    }

    test::KafkaMockCluster cluster_;
    TempFolder folder_;
};

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
