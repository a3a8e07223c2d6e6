// The whole service in this process, on free ports, with the embedded engines.
#include "runtime/service.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <fstream>
#include <map>
#include <mutex>
#include <thread>

#include "fakes/fake_mongo_server.hpp"
#include "fakes/http_raw_client.hpp"
#include "fakes/temp_folder.hpp"

namespace productd {
namespace {

Config config_in(const std::filesystem::path& folder) {
    Config config;
    config.data.dir = folder / "data";
    config.http.port = config.server.port = config.metrics.port = 0;
    config.http.exchange.access_log = AccessLog::off;
    return config;
}

std::string request(const std::string& line, const std::string& body = {}) {
    auto text = line + " HTTP/1.1\r\nHost: localhost\r\n";
    if (!body.empty())
        text += "Content-Type: application/json\r\nContent-Length: " + std::to_string(body.size()) + "\r\n";
    return text + "\r\n" + body;
}

std::string product(const std::string& name) {
    return R"({"name":")" + name + R"(","description":"made by a test","price":10.5,"quantity":3,"rating":5})";
}

RawResponse ask(RawClient& client, const std::string& text) {
    EXPECT_TRUE(client.send(text));
    auto response = client.receive();
    if (!response) throw std::runtime_error("The service closed the connection.");
    return *response;
}

TEST(Service, ServesAProductThatOutlivesIt) {
    TempFolder folder;
    std::string path, body;
    {
        Service service(config_in(folder.path()));
        ASSERT_TRUE(service.start());
        auto client = RawClient::tls(service.ports().http);
        const auto created = ask(client, request("POST /api/v1/products", product("Chair")));
        ASSERT_EQ(created.status, 201U) << created.body;
        EXPECT_EQ(created.header("product-state"), "applied");
        path = created.header("location");
        body = created.body;
        EXPECT_EQ(ask(client, request("GET " + path)).body, body);
        EXPECT_EQ(service.stop(), Service::Stopped::clean);
    }
    Service again(config_in(folder.path()));
    ASSERT_TRUE(again.start());
    auto client = RawClient::tls(again.ports().http);
    EXPECT_EQ(ask(client, request("GET " + path)).body, body);
    EXPECT_EQ(ask(client, request("DELETE " + path)).status, 204U);
    EXPECT_EQ(ask(client, request("GET " + path)).status, 404U);
    EXPECT_EQ(ask(client, request("GET /api/v1/products/search?search=chair")).body.find("Chair"), std::string::npos);
}

TEST(Service, TellsOfItsHealthAndCountsOnTheMetricsPort) {
    TempFolder folder;
    Service service(config_in(folder.path()));
    ASSERT_TRUE(service.start());
    auto client = RawClient::tcp(service.ports().metrics);
    EXPECT_EQ(ask(client, request("GET /health")).body, "Ok");
    EXPECT_NE(ask(client, request("GET /readyz?verbose")).body.find(R"({"name":"store","ok":true)"), std::string::npos);
    EXPECT_EQ(ask(client, request("GET /api/v1/products/search")).status, 404U)
        << "products are for the TLS port alone";
    const auto metrics = ask(client, request("GET /metrics")).body;
    for (const auto* name :
         {"products_incoming_kafka_messages_total 0", "http_products_create_incoming_requests_total 0",
          "process_resident_memory_bytes", "productd_build_info{version="}) {
        EXPECT_NE(metrics.find(name), std::string::npos) << name;
    }
}

TEST(Service, AsksItsStoreOnceForAllWhoAskWhetherItIsReady) {
    const test::FakeMongoServer server([](const std::string&) { return std::optional<std::string>(R"({"ok":1})"); });
    TempFolder folder;
    auto config = config_in(folder.path());
    config.engine.store = StoreEngine::mongodb;
    config.mongo.uri = server.uri();
    Service service(config);
    const auto began = std::chrono::steady_clock::now();
    ASSERT_TRUE(service.start());
    auto client = RawClient::tcp(service.ports().metrics);
    for (int i = 0; i < 500; ++i) EXPECT_EQ(ask(client, request("GET /readyz")).status, 200U);
    const auto pings = std::ranges::count(server.commands(), "ping");
    const auto seconds = (std::chrono::steady_clock::now() - began) / std::chrono::seconds(1);
    EXPECT_GE(pings, 1) << "before it was started";
    EXPECT_LE(pings, 2 + seconds);
    EXPECT_EQ(service.stop(), Service::Stopped::clean);
}

TEST(Service, CountsWhatItsEmbeddedLogAndStoreWrite) {
    TempFolder folder;
    Service service(config_in(folder.path()));
    ASSERT_TRUE(service.start());
    auto client = RawClient::tls(service.ports().http);
    for (int i = 0; i < 3; ++i) {
        ASSERT_EQ(ask(client, request("POST /api/v1/products", product("Chair"))).status, 201U);
    }
    const auto metrics = ask(client, request("GET /metrics")).body;
    for (const auto* line :
         {"productd_log_transactions_total 3\n", "productd_log_records_total 3\n", "productd_log_failures_total 0\n",
          "productd_log_queued_records 0\n", "productd_store_transactions_total 3\n", "productd_store_writes_total 3\n",
          "productd_store_failures_total 0\n", "productd_store_queued_writes 0\n"}) {
        EXPECT_NE(metrics.find(line), std::string::npos) << line << metrics;
    }
    for (const auto* name :
         {"\nproductd_log_write_seconds_total ", "\nproductd_log_bytes ",
          "\nproductd_sqlite_wal_bytes{file=\"log.db\"} ", "\nproductd_sqlite_wal_bytes{file=\"store.db\"} "}) {
        EXPECT_NE(metrics.find(name), std::string::npos) << name << metrics;
    }
}

TEST(Service, RefusesDataThatAnotherOneHas) {
    TempFolder folder;
    Service first(config_in(folder.path()));
    ASSERT_TRUE(first.start());
    Service second(config_in(folder.path()));
    const auto started = second.start();
    ASSERT_FALSE(started);
    EXPECT_NE(started.error().detail.find("in use"), std::string::npos) << started.error().detail;
}

TEST(Service, RefusesAFileThatIsNotItsOwnAndLeavesItAlone) {
    for (const auto* name : {"store.db", "log.db"}) {
        TempFolder folder;
        std::filesystem::create_directories(folder / "data");
        const std::string garbage(10'000, '\x07');
        std::ofstream(folder / "data" / name) << garbage;
        {
            Service service(config_in(folder.path()));
            EXPECT_FALSE(service.start()) << name;
        }
        std::ifstream file(folder / "data" / name);
        EXPECT_EQ(std::string(std::istreambuf_iterator<char>(file), {}), garbage) << name;
    }
}

TEST(Service, RefusesAPortInUseAndCanStartOnAnother) {
    TempFolder folder, other;
    Service first(config_in(folder.path()));
    ASSERT_TRUE(first.start());
    auto config = config_in(other.path());
    config.http.port = first.ports().http;
    {
        Service second(config);
        const auto started = second.start();
        ASSERT_FALSE(started);
        EXPECT_NE(started.error().detail.find("--http-port"), std::string::npos) << started.error().detail;
    }
    config.http.port = 0;
    Service third(config);
    EXPECT_TRUE(third.start());
}

TEST(Service, WhatWasAnsweredWhileItStoppedIsThereAfterwards) {
    TempFolder folder;
    std::mutex mutex;
    std::vector<std::string> answered;
    {
        Service service(config_in(folder.path()));
        ASSERT_TRUE(service.start());
        std::atomic<int> writes{0};
        std::vector<std::thread> clients;
        for (int n = 0; n < 8; ++n) {
            clients.emplace_back([&, port = service.ports().http] {
                try {
                    auto client = RawClient::tls(port);
                    while (client.send(request("POST /api/v1/products", product("Chair")))) {
                        const auto response = client.receive();
                        if (!response || response->status != 201) break;
                        ++writes;
                        const std::scoped_lock lock(mutex);
                        answered.push_back(response->header("location"));
                    }
                } catch (const std::runtime_error&) {
                    // The handshake met a service that stops.
                }
            });
        }
        while (writes < 100) std::this_thread::yield();
        EXPECT_EQ(service.stop(), Service::Stopped::clean);
        for (auto& client : clients) client.join();
    }
    Service again(config_in(folder.path()));
    ASSERT_TRUE(again.start());
    auto client = RawClient::tls(again.ports().http);
    for (const auto& path : answered) {
        auto response = ask(client, request("GET " + path));
        EXPECT_EQ(response.status, 200U) << path;
    }
}

/// By the names of this process's threads, but for the main one: how many have it.
std::map<std::string, int> thread_names() {
    std::map<std::string, int> names;
    for (const auto& task : std::filesystem::directory_iterator("/proc/self/task")) {
        if (task.path().filename() == std::to_string(getpid())) continue;
        std::string name;
        if (std::getline(std::ifstream(task.path() / "comm"), name)) ++names[name];  // It may have ended meanwhile.
    }
    return names;
}

/// A thread that nobody named has the name of who started it, which is the program's in the end.
TEST(Service, HasNoThreadWithoutANameOfItsOwn) {
    std::string program;
    std::getline(std::ifstream("/proc/self/comm"), program);
    TempFolder folder;
    auto config = config_in(folder.path());
    config.io_threads = 2;
    Service service(config);
    ASSERT_TRUE(service.start());
    auto client = RawClient::tls(service.ports().http);
    ASSERT_EQ(ask(client, request("POST /api/v1/products", product("Chair"))).status, 201U);
    auto names = thread_names();
    // One that has just begun names itself in a moment.
    const auto patience = std::chrono::steady_clock::now() + std::chrono::seconds(10);
    while (names.contains(program) && std::chrono::steady_clock::now() < patience) {
        std::this_thread::yield();
        names = thread_names();
    }
    EXPECT_EQ(names[program], 0);
    for (const auto* name :
         {"io-0", "io-1", "worker", "log-writer", "log-reader", "store-writer", "store-reader", "grpc-queue"}) {
        EXPECT_GT(names[name], 0) << name;
    }
}

}  // namespace
}  // namespace productd
