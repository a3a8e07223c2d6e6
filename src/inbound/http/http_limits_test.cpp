// Every bound of HttpLimits, met from outside.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "async/byte_budget.hpp"
#include "inbound/http/http_fixture.hpp"

namespace productd {
namespace {

using testing::HasSubstr;

/// The status of the answer to `bytes`; the server must close after it.
unsigned status_then_closed(TestServer& server, std::string_view bytes) {
    auto client = server.client();
    client.send(bytes);
    const auto response = client.receive();
    if (!response) return 0;
    EXPECT_EQ(response->header("connection"), "close");
    EXPECT_EQ(response->header("content-type"), "application/problem+json");
    EXPECT_FALSE(response->header("x-request-id").empty());
    EXPECT_TRUE(client.closed());
    return response->status;
}

TEST(HttpLimits, RefusesHeadersLargerThanAllowedWith431) {
    auto settings = test_settings();
    settings.limits.header_bytes_max = 1'000;
    TestServer server(&echo, settings);
    const std::string fits = "GET / HTTP/1.1\r\nHost: test\r\nX: " + std::string(900, 'x') + "\r\n\r\n";
    auto client = server.client();
    client.send(fits);
    EXPECT_EQ(client.receive().value().status, 200u);
    EXPECT_EQ(status_then_closed(server, "GET / HTTP/1.1\r\nHost: test\r\nX: " + std::string(1'000, 'x') + "\r\n\r\n"),
              431u);
    EXPECT_EQ(status_then_closed(server, "GET /" + std::string(2'000, 'x')), 414u);  // RFC 9112 3.
}

TEST(HttpLimits, AddsUpHeadersThatTrickleIn) {
    auto settings = test_settings();
    settings.limits.header_bytes_max = 1'000;
    TestServer server(&echo, settings);
    auto client = server.client();
    client.send("GET / HTTP/1.1\r\nHost: test\r\n");
    for (int i = 0; i < 200; ++i) {
        if (!client.send("X: 0123456789\r\n")) break;
    }
    EXPECT_EQ(client.receive().value().status, 431u);
}

TEST(HttpLimits, AcceptsAMegabyteOfHeaders) {
    TestServer server(&echo);
    auto client = server.client();
    client.send("GET / HTTP/1.1\r\nHost: test\r\nX: " + std::string(1024 * 1024 - 200, 'x') + "\r\n\r\n");
    EXPECT_EQ(client.receive().value().status, 200u);
}

TEST(HttpLimits, RefusesTooManyHeadersWith431) {
    auto settings = test_settings();
    settings.limits.headers_max = 10;
    TestServer server(&echo, settings);
    std::string request = "GET / HTTP/1.1\r\nHost: test\r\n";
    for (int i = 0; i < 10; ++i) request += "X: 1\r\n";
    EXPECT_EQ(status_then_closed(server, request + "\r\n"), 431u);
}

TEST(HttpLimits, RefusesAPromisedBodyThatIsTooLargeWithoutReadingIt) {
    auto settings = test_settings();
    settings.limits.body_bytes_max = 10;
    TestServer server(&echo, settings);
    EXPECT_EQ(status_then_closed(server, "POST / HTTP/1.1\r\nHost: test\r\nContent-Length: 11\r\n\r\n"), 413u);
    EXPECT_EQ(status_then_closed(server,
                                 "POST / HTTP/1.1\r\nHost: test\r\nExpect: 100-continue\r\nContent-Length: 11\r\n\r\n"),
              413u);
}

TEST(HttpLimits, RefusesAChunkedBodyOnceItIsTooLarge) {
    auto settings = test_settings();
    settings.limits.body_bytes_max = 10;
    TestServer server(&echo, settings);
    const std::string head = "POST / HTTP/1.1\r\nHost: test\r\nTransfer-Encoding: chunked\r\n\r\n";
    EXPECT_EQ(status_then_closed(server, head + "8\r\n12345678\r\n3\r\nabc\r\n0\r\n\r\n"), 413u);
    EXPECT_EQ(status_then_closed(server, head + "ffffffffffffffff\r\n"), 413u);
}

TEST(HttpLimits, CountsEveryFramedByteOfAChunkedBody) {
    auto settings = test_settings();
    settings.limits.body_bytes_max = 1'000;
    TestServer server(&echo, settings);
    const std::string head = "POST / HTTP/1.1\r\nHost: test\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n";
    std::string chunks;
    for (int i = 0; i < 20; ++i) chunks += "1;" + std::string(100, 'x') + "\r\na\r\n";
    EXPECT_EQ(status_then_closed(server, head + chunks + "0\r\n\r\n"), 413u);
    EXPECT_EQ(status_then_closed(server, head + "1\r\na\r\n0\r\nX: " + std::string(1'000, 'x') + "\r\n\r\n"), 413u);
    auto client = server.client();
    client.send(head + "384\r\n" + std::string(900, 'x') + "\r\n0\r\n\r\n");
    EXPECT_EQ(client.receive().value().status, 200u);
}

TEST(HttpLimits, DeliversTheRefusalThoughTheClientIsStillSending) {
    TestServer server(&echo);
    auto client = server.client();
    client.send("POST / HTTP/1.1\r\nHost: test\r\nContent-Length: 3000000\r\n\r\n" + std::string(3'000'000, 'x'));
    EXPECT_EQ(client.receive().value().status, 413u);
}

TEST(HttpLimits, BoundsTheSizeLineOfAChunk) {
    TestServer server(&echo);
    EXPECT_EQ(status_then_closed(server, "POST / HTTP/1.1\r\nHost: test\r\nTransfer-Encoding: chunked\r\n\r\n1;" +
                                             std::string(40'000, 'x')),
              400u);
}

TEST(HttpLimits, AnswersRequestsAboveTheNumberInFlightWith503) {
    Gate gate;
    auto settings = test_settings();
    settings.limits.requests_in_flight_max = 2;
    TestServer server(
        [&gate](HttpRequest request) -> asio::awaitable<HttpResponse> {
            if (request.target == "/held") co_await gate.wait();
            co_return text_response("done");
        },
        settings);
    auto first = server.client();
    auto second = server.client();
    first.send("GET /held HTTP/1.1\r\nHost: test\r\n\r\n");
    second.send("GET /held HTTP/1.1\r\nHost: test\r\n\r\n");
    gate.await_arrivals(2);
    const auto refused = server.get("/more");
    EXPECT_EQ(refused.status, 503u);
    EXPECT_EQ(refused.header("retry-after"), "1");
    gate.open();
    EXPECT_EQ(first.receive().value().body, "done");
    EXPECT_EQ(second.receive().value().body, "done");
    EXPECT_EQ(server.get("/more").status, 200u);
}

/// Sends `bytes` and serves others until the budget shows that the server has at least `held` of them.
void send_until_held(TestServer& server, RawClient& client, std::string_view bytes, const ByteBudget& budget,
                     std::size_t held) {
    client.send(bytes);
    const auto limit = std::chrono::steady_clock::now() + std::chrono::seconds(RawClient::wait_seconds_max);
    while (budget.held() < held) {
        ASSERT_EQ(server.get("/other").status, 200u);
        ASSERT_LT(std::chrono::steady_clock::now(), limit) << "The bytes were not taken.";
    }
}

TEST(HttpLimits, RefusesWith503WhatRequestsTogetherMayNotOccupyAndServesSmallOnes) {
    auto settings = test_settings();
    const auto budget = settings.requests_bytes = std::make_shared<ByteBudget>(3 * 1024 * 1024);
    TestServer server(&echo, settings);
    const std::string half(1'000'000, 'x');
    const auto begun = "POST / HTTP/1.1\r\nHost: test\r\nContent-Length: 2000000\r\n\r\n" + half;
    auto first = server.client();
    send_until_held(server, first, begun + half.substr(1'000), *budget, 2'000'000);
    auto second = server.client();
    second.send(begun + half);
    const auto refused = second.receive().value();
    EXPECT_EQ(refused.status, 503u);
    EXPECT_EQ(refused.header("retry-after"), "1");
    EXPECT_EQ(refused.header("connection"), "close");
    EXPECT_EQ(server.get("/small").status, 200u);
    first.send(half.substr(0, 1'000));
    EXPECT_EQ(first.receive().value().status, 200u);
    first.send(begun + half);  // What was held is given back.
    EXPECT_EQ(first.receive().value().status, 200u);
    while (budget->held() > 0) std::this_thread::yield();  // What was echoed is given back, too.
    EXPECT_THAT(server.metrics().text(), HasSubstr(R"(rejected_total{listener="api",reason="requests_bytes"} 1)"));
}

TEST(HttpLimits, CountsHeadersAmongWhatRequestsOccupy) {
    auto settings = test_settings();
    settings.requests_bytes = std::make_shared<ByteBudget>(64 * 1024);
    TestServer server(&echo, settings);
    EXPECT_EQ(status_then_closed(server, "GET / HTTP/1.1\r\nHost: test\r\nX: " + std::string(100'000, 'x')), 503u);
    EXPECT_EQ(settings.requests_bytes->held(), 0u);
}

TEST(HttpLimits, HoldsWhatARequestOccupiesUntilItsHandlerIsDone) {
    Gate gate;
    auto settings = test_settings();
    const auto budget = settings.requests_bytes = std::make_shared<ByteBudget>(256 * 1024);
    TestServer server(
        [&gate](HttpRequest) -> asio::awaitable<HttpResponse> {
            co_await gate.wait();
            co_return text_response("done");
        },
        settings);
    const auto large = "POST / HTTP/1.1\r\nHost: test\r\nContent-Length: 100000\r\n\r\n" + std::string(100'000, 'x');
    auto first = server.client();
    first.send(large);
    gate.await_arrivals(1);
    EXPECT_GE(budget->held(), 100'000u);
    gate.open();
    EXPECT_EQ(first.receive().value().status, 200u);
    first.send("GET / HTTP/1.1\r\nHost: test\r\n\r\n");
    EXPECT_EQ(first.receive().value().status, 200u);
    EXPECT_EQ(budget->held(), 0u);
}

TEST(HttpLimits, HoldsWhatAnswersOccupyUntilTheyAreReadAndGivesSmallOnesAllTheSame) {
    const std::string large(16 * 1024 * 1024, 'x');  // No socket takes it all.
    auto settings = test_settings();
    const auto budget = settings.answers_bytes = std::make_shared<ByteBudget>(large.size() + large.size() / 2);
    TestServer server(
        [&large](HttpRequest request) { return respond(text_response(request.target == "/large" ? large : "small")); },
        settings, 1);
    auto slow = RawClient::tcp(server.server().port(), 4'096);
    slow.send("GET /large HTTP/1.1\r\nHost: test\r\n\r\n");
    while (budget->held() < large.size()) std::this_thread::yield();
    const auto refused = server.get("/large");
    EXPECT_EQ(refused.status, 503u);
    EXPECT_EQ(refused.header("retry-after"), "1");
    EXPECT_EQ(server.get("/small").body, "small");
    EXPECT_EQ(slow.receive().value().body.size(), large.size());
    while (budget->held() > 0) std::this_thread::yield();
    EXPECT_EQ(server.get("/large").body.size(), large.size());
    EXPECT_THAT(server.metrics().text(), HasSubstr(R"(rejected_total{listener="api",reason="answers_bytes"} 1)"));
}

}  // namespace
}  // namespace productd
