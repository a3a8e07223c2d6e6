// How a server lets go of its connections.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>

#include "inbound/http/http_fixture.hpp"

namespace productd {
namespace {

using std::chrono::seconds;

TEST(HttpDrain, ClosesIdleConnectionsAtOnce) {
    TestTls tls;
    TestServer server(&echo, tls_settings(tls));
    auto used = server.tls_client();
    used.send("GET / HTTP/1.1\r\nHost: test\r\n\r\n");
    EXPECT_EQ(used.receive().value().status, 200u);
    auto unused = server.tls_client();
    auto unshaken = server.client();
    EXPECT_EQ(server.stop(seconds(20)), 0u);
    EXPECT_TRUE(used.closed());
    EXPECT_TRUE(unused.closed());
    EXPECT_TRUE(unshaken.closed());
    EXPECT_THROW(server.client(), std::runtime_error);
}

TEST(HttpDrain, LetsARequestInFlightFinishAndSaysClose) {
    Gate gate;
    TestServer server([&gate](HttpRequest) -> asio::awaitable<HttpResponse> {
        co_await gate.wait();
        co_return text_response("finished");
    });
    auto client = server.client();
    client.send("GET / HTTP/1.1\r\nHost: test\r\n\r\n");
    gate.await_arrivals(1);
    auto stopping = std::async(std::launch::async, [&] { return server.stop(seconds(20)); });
    auto late = std::async(std::launch::async, [&] {
        while (true) {  // Until the port is closed: then draining has begun.
            try {
                server.client();
            } catch (const std::runtime_error&) {
                return;
            }
        }
    });
    late.wait();
    gate.open();
    const auto response = client.receive().value();
    EXPECT_EQ(response.body, "finished");
    EXPECT_EQ(response.header("connection"), "close");
    EXPECT_TRUE(client.closed());
    EXPECT_EQ(stopping.get(), 0u);
}

TEST(HttpDrain, CutsWhatIsNotDoneAtTheDeadline) {
    Gate never;
    TestServer server([&never](HttpRequest) -> asio::awaitable<HttpResponse> {
        co_await never.wait();
        co_return text_response("too late");
    });
    auto client = server.client();
    client.send("GET / HTTP/1.1\r\nHost: test\r\n\r\n");
    never.await_arrivals(1);
    EXPECT_EQ(server.stop(std::chrono::milliseconds(30)), 1u);
    EXPECT_TRUE(client.closed());
    EXPECT_EQ(server.server().connections(), 0u);
}

TEST(HttpDrain, BreaksNoAnswerUnderLoad) {
    TestTls tls;
    TestServer server(&echo, tls_settings(tls));
    constexpr int clients = 8;
    std::atomic<int> busy{0};
    std::vector<std::future<std::string>> loads;
    for (int i = 0; i < clients; ++i) {
        loads.push_back(std::async(std::launch::async, [&]() -> std::string {
            auto client = server.tls_client();
            for (int sent = 0;; ++sent) {
                const auto target = '/' + std::to_string(sent);
                if (!client.send("GET " + target + " HTTP/1.1\r\nHost: test\r\n\r\n")) return "";
                const auto response = client.receive();
                if (!response) return client.until_closed();  // Anything left is a part of an answer.
                if (response->status != 200 || response->body != "GET " + target + ' ') return "a wrong answer";
                if (sent == 20) ++busy;
                if (response->header("connection") == "close") return client.until_closed();
            }
        }));
    }
    while (busy < clients) std::this_thread::yield();
    EXPECT_EQ(server.stop(seconds(20)), 0u);
    for (auto& load : loads) EXPECT_EQ(load.get(), "");
}

TEST(HttpDrain, StopsAServerThatNeverStarted) {
    Metrics metrics;
    asio::io_context context;
    HttpServer server(test_settings(), &echo, metrics, {context.get_executor()});
    EXPECT_EQ(await(server.stop(Deadline::max())), 0u);
}

}  // namespace
}  // namespace productd
