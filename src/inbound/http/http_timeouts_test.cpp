// Every time of HttpTimeouts, met by a client that is too slow or a handler that does not come back.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/asio/bind_cancellation_slot.hpp>
#include <filesystem>
#include <thread>

#include "inbound/http/http_fixture.hpp"

namespace productd {
namespace {

using std::chrono::milliseconds;
using testing::HasSubstr;

constexpr milliseconds short_time{40};

TEST(HttpTimeouts, AnswersAHeaderThatDoesNotEndWith408) {
    auto settings = test_settings();
    settings.timeouts.header = short_time;
    TestServer server(&echo, settings);
    auto client = server.client();
    client.send("GET / HTTP/1.1\r\nHo");
    const auto response = client.receive().value();
    EXPECT_EQ(response.status, 408u);
    EXPECT_EQ(response.header("content-type"), "application/problem+json");
    EXPECT_TRUE(client.closed());
    EXPECT_THAT(server.metrics().text(), HasSubstr(R"(timeouts_total{listener="api",phase="header"})"));
}

TEST(HttpTimeouts, DoesNotRestartTheHeaderTimeoutWithEachByte) {
    auto settings = test_settings();
    settings.timeouts.header = short_time;
    TestServer server(&echo, settings);
    auto client = server.client();
    client.send("GET / HTTP/1.1\r\nX: ");
    while (client.send("x")) {  // Ends because the server closes, or the test would run into its limit.
    }
    EXPECT_THAT(server.metrics().text(), HasSubstr(R"(timeouts_total{listener="api",phase="header"})"));
}

TEST(HttpTimeouts, AnswersABodyThatDoesNotEndWith408) {
    auto settings = test_settings();
    settings.timeouts.body = short_time;
    TestServer server(&echo, settings);
    auto client = server.client();
    client.send("POST / HTTP/1.1\r\nHost: test\r\nX-Request-Id: mine\r\nContent-Length: 10\r\n\r\nhalf");
    const auto response = client.receive().value();
    EXPECT_EQ(response.status, 408u);
    EXPECT_EQ(response.header("x-request-id"), "mine");
    EXPECT_TRUE(client.closed());
}

TEST(HttpTimeouts, EndsABodyAtItsDeadlineThoughItsSenderNeverPauses) {
    constexpr int chunks_max = 40'000;
    auto settings = test_settings();
    settings.timeouts.body = short_time;
    settings.limits.body_bytes_max = std::size_t{1} << 40;
    TestServer server(&echo, settings);
    auto client = server.client();
    client.send("POST / HTTP/1.1\r\nHost: test\r\nTransfer-Encoding: chunked\r\n\r\n");
    const std::string chunk = "1;" + std::string(8'000, 'x') + "\r\na\r\n";
    int sent = 0;
    while (sent < chunks_max && client.send(chunk)) ++sent;
    EXPECT_LT(sent, chunks_max);
    EXPECT_THAT(server.metrics().text(), HasSubstr(R"(timeouts_total{listener="api",phase="body"} 1)"));
}

TEST(HttpTimeouts, ClosesAnIdleConnectionWithoutAWord) {
    auto settings = test_settings();
    settings.timeouts.idle = short_time;
    TestServer server(&echo, settings);
    auto client = server.client();
    client.send("GET / HTTP/1.1\r\nHost: test\r\n\r\n");
    EXPECT_EQ(client.receive().value().status, 200u);
    EXPECT_TRUE(client.closed());
}

TEST(HttpTimeouts, ClosesAConnectionThatDoesNotFinishTheHandshake) {
    TestTls tls;
    auto settings = tls_settings(tls);
    settings.timeouts.handshake = short_time;
    TestServer server(&echo, settings);
    auto silent = server.client();
    EXPECT_TRUE(silent.closed());
    auto slow = server.client();
    slow.send("\x16\x03\x01\x02");
    EXPECT_TRUE(slow.closed());
    EXPECT_THAT(server.metrics().text(), HasSubstr(R"(timeouts_total{listener="api",phase="handshake"} 2)"));
}

TEST(HttpTimeouts, CutsOffASlowReaderWhileOthersAreServed) {
    const std::string large(16 * 1024 * 1024, 'x');
    auto settings = test_settings();
    settings.timeouts.write = short_time;
    TestServer server(
        [&large](HttpRequest request) { return respond(text_response(request.target == "/large" ? large : "small")); },
        settings, 1);
    auto slow = RawClient::tcp(server.server().port(), 4'096);
    slow.send("GET /large HTTP/1.1\r\nHost: test\r\n\r\n");
    server.serve_others_until_only(0);
    EXPECT_LT(slow.until_closed().size(), large.size());
    EXPECT_THAT(server.metrics().text(), HasSubstr(R"(timeouts_total{listener="api",phase="write"})"));
}

TEST(HttpTimeouts, CancelsAHandlerAtItsDeadlineAndGoesOn) {
    Gate never;
    auto settings = test_settings();
    settings.timeouts.request = short_time;
    TestServer server(
        [&never](HttpRequest request) -> asio::awaitable<HttpResponse> {
            if (request.target == "/") co_return text_response("fast");
            co_await never.wait();
            HttpResponse gave_up;
            gave_up.status = 503;
            gave_up.headers.emplace_back("Location", "/api/v1/products/1");
            co_return gave_up;
        },
        settings);
    auto client = server.client();
    client.send("GET /slow HTTP/1.1\r\nHost: test\r\n\r\nGET / HTTP/1.1\r\nHost: test\r\n\r\n");
    const auto late = client.receive().value();
    EXPECT_EQ(late.status, 504u);
    EXPECT_EQ(late.header("location"), "/api/v1/products/1");
    EXPECT_EQ(client.receive().value().body, "fast");
    client.send("GET /slow HTTP/1.1\r\nHost: test\r\n\r\n");  // The second cancellation works as the first.
    EXPECT_EQ(client.receive().value().status, 504u);
}

TEST(HttpTimeouts, KeepsTheAnswerOfAHandlerThatMetItsDeadlineItself) {
    Gate never;
    auto settings = test_settings();
    settings.timeouts.request = short_time;
    TestServer server(
        [&never](HttpRequest) -> asio::awaitable<HttpResponse> {
            co_await never.wait();
            co_return text_response("what there was");
        },
        settings);
    EXPECT_EQ(server.get("/").body, "what there was");
}

TEST(HttpTimeouts, AnswersForAHandlerThatIgnoresItsCancellation) {
    asio::io_context elsewhere;
    asio::steady_timer never(elsewhere, Deadline::max());
    auto settings = test_settings();
    settings.timeouts.request = short_time;
    TestServer server(
        [&never](HttpRequest request) -> asio::awaitable<HttpResponse> {
            if (request.target == "/other") co_return text_response("fine");
            boost::system::error_code ignored;
            co_await never.async_wait(asio::bind_cancellation_slot(asio::cancellation_slot(),
                                                                   asio::redirect_error(asio::use_awaitable, ignored)));
            co_return text_response("nobody reads this");
        },
        settings, 1);
    auto client = server.client();
    const auto descriptors = [] {
        return std::distance(std::filesystem::directory_iterator("/proc/self/fd"),
                             std::filesystem::directory_iterator());
    };
    client.send("GET /other HTTP/1.1\r\nHost: test\r\n\r\n");
    EXPECT_EQ(client.receive().value().status, 200u);  // The server has it.
    const auto with_both_ends = descriptors();
    client.send("GET /stuck HTTP/1.1\r\nHost: test\r\n\r\n");
    EXPECT_EQ(client.receive().value().status, 504u);
    EXPECT_TRUE(client.closed());
    // The server's end is closed, though the handler is still at work.
    const auto limit = std::chrono::steady_clock::now() + std::chrono::seconds(30);
    while (descriptors() >= with_both_ends && std::chrono::steady_clock::now() < limit) std::this_thread::yield();
    EXPECT_LT(descriptors(), with_both_ends);
    never.cancel();
    elsewhere.run();  // Hands the handler back; its answer goes nowhere.
    server.serve_others_until_only(0);
}

}  // namespace
}  // namespace productd
