// Whole services in this process on librdkafka's mock cluster, each with its products in a file.
#pragma once

#include <gtest/gtest.h>

#include <string>
#include <thread>

#include "fakes/http_raw_client.hpp"
#include "fakes/kafka_mock_cluster.hpp"
#include "fakes/temp_folder.hpp"
#include "runtime/service.hpp"

namespace productd::test {

class ServiceOnKafka : public testing::Test {
protected:
    ServiceOnKafka() {
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

    KafkaMockCluster cluster_;
    TempFolder folder_;
};

}  // namespace productd::test
