// What every client relies on: answers, their order, and connections that stay or close as asked.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "inbound/http/http_fixture.hpp"

namespace productd {
namespace {

using testing::HasSubstr;

TEST(HttpServer, AnswersOverPlainTcp) {
    TestServer server(&echo);
    const auto response = server.get("/a?b=c");
    EXPECT_EQ(response.status, 200u);
    EXPECT_EQ(response.body, "GET /a?b=c ");
    EXPECT_EQ(response.header("content-type"), "text/plain");
}

TEST(HttpServer, KeepsTheConnectionForTheNextRequest) {
    TestServer server(&echo);
    auto client = server.client();
    for (int i = 0; i < 3; ++i) {
        client.send("POST /x HTTP/1.1\r\nHost: test\r\nContent-Length: 2\r\n\r\nhi");
        EXPECT_EQ(client.receive().value().body, "POST /x hi");
    }
    EXPECT_EQ(server.server().connections(), 1u);
}

TEST(HttpServer, AnswersPipelinedRequestsInOrder) {
    TestServer server(&echo);
    auto client = server.client();
    std::string requests;
    constexpr int count = 500;
    for (int i = 0; i < count; ++i) {
        requests += "POST /" + std::to_string(i) + " HTTP/1.1\r\nHost: test\r\nContent-Length: 4\r\n\r\nbody";
    }
    client.send(requests);
    for (int i = 0; i < count; ++i) {
        ASSERT_EQ(client.receive().value().body, "POST /" + std::to_string(i) + " body");
    }
}

TEST(HttpServer, SendsEarlierAnswersWhileALaterHandlerWaits) {
    Gate gate;
    TestServer server([&gate](HttpRequest request) -> asio::awaitable<HttpResponse> {
        if (request.target == "/slow") co_await gate.wait();
        co_return text_response(request.target);
    });
    auto client = server.client();
    client.send("GET /fast HTTP/1.1\r\nHost: test\r\n\r\nGET /slow HTTP/1.1\r\nHost: test\r\n\r\n");
    EXPECT_EQ(client.receive().value().body, "/fast");
    gate.open();
    EXPECT_EQ(client.receive().value().body, "/slow");
}

TEST(HttpServer, AnswersHeadWithTheLengthAndNoBody) {
    TestServer server(&echo);
    auto client = server.client();
    client.send("HEAD /x HTTP/1.1\r\nHost: test\r\n\r\nGET /y HTTP/1.1\r\nHost: test\r\n\r\n");
    EXPECT_EQ(client.receive(true).value().header("content-length"), "8");
    EXPECT_EQ(client.receive().value().body, "GET /y ");
}

TEST(HttpServer, SendsNoLengthWith204And304) {
    TestServer server([](HttpRequest request) -> asio::awaitable<HttpResponse> {
        HttpResponse response;
        response.status = request.target == "/204" ? 204 : 304;
        co_return response;
    });
    EXPECT_EQ(server.get("/204").headers.count("content-length"), 0u);
    EXPECT_EQ(server.get("/304").headers.count("content-length"), 0u);
}

TEST(HttpServer, ClosesWhenTheClientAsksForIt) {
    TestServer server(&echo);
    auto client = server.client();
    client.send("GET / HTTP/1.1\r\nHost: test\r\nConnection: close\r\n\r\n");
    EXPECT_EQ(client.receive().value().header("connection"), "close");
    EXPECT_TRUE(client.closed());
}

TEST(HttpServer, ClosesAfterHttp10UnlessKeepAliveIsAskedFor) {
    TestServer server(&echo);
    auto client = server.client();
    client.send("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
    EXPECT_EQ(client.receive().value().header("connection"), "keep-alive");
    client.send("GET / HTTP/1.0\r\n\r\n");
    EXPECT_EQ(client.receive().value().header("connection"), "close");
    EXPECT_TRUE(client.closed());
}

TEST(HttpServer, TellsAClientThatWaitsToContinue) {
    TestServer server(&echo);
    auto client = server.client();
    client.send("PUT /x HTTP/1.1\r\nHost: test\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\n");
    EXPECT_EQ(client.receive().value().status, 100u);
    client.send("abc");
    EXPECT_EQ(client.receive().value().body, "PUT /x abc");
}

TEST(HttpServer, PutsChunksTogetherAndDropsTrailers) {
    std::vector<std::pair<std::string, std::string>> headers;
    TestServer server([&headers](HttpRequest request) {
        headers = request.headers;
        return echo(std::move(request));
    });
    auto client = server.client();
    client.send("POST / HTTP/1.1\r\nHost: test\r\nTransfer-Encoding: chunked\r\n\r\n");
    client.send("3\r\nabc\r\n4;note=x\r\ndefg\r\n0\r\nX-Trailer: 1\r\n\r\n");
    EXPECT_EQ(client.receive().value().body, "POST / abcdefg");
    EXPECT_EQ(headers.size(), 2u);
}

TEST(HttpServer, AnswersAThrowingHandlerWith500AndGoesOn) {
    TestServer server([](HttpRequest request) -> asio::awaitable<HttpResponse> {
        if (request.target == "/throw") throw std::runtime_error("secret detail");
        co_return text_response("fine");
    });
    auto client = server.client();
    client.send("GET /throw HTTP/1.1\r\nHost: test\r\n\r\n");
    const auto failed = client.receive().value();
    EXPECT_EQ(failed.status, 500u);
    EXPECT_EQ(failed.header("content-type"), "application/problem+json");
    EXPECT_THAT(failed.body, Not(HasSubstr("secret")));
    client.send("GET / HTTP/1.1\r\nHost: test\r\n\r\n");
    EXPECT_EQ(client.receive().value().body, "fine");
}

TEST(HttpServer, SendsAnswersMuchLargerThanAnyBuffer) {
    const std::string large(20 * 1024 * 1024, 'x');
    TestTls tls;
    auto settings = tls_settings(tls);
    TestServer server([&large](HttpRequest) { return respond(text_response(large)); }, settings);
    auto client = server.tls_client();
    client.send("GET / HTTP/1.1\r\nHost: test\r\n\r\n");
    EXPECT_TRUE(client.receive().value().body == large);
}

TEST(HttpServer, GivesTheHandlerTheWholeRequest) {
    HttpRequest seen;
    TestServer server([&seen](HttpRequest request) {
        seen = request;
        return echo(std::move(request));
    });
    auto client = server.client();
    const auto before = std::chrono::steady_clock::now();
    client.send("DELETE http://example.org/p?q HTTP/1.1\r\nHost: test\r\nX-MiXed:  a b \r\nX-Mixed: c\r\n\r\n");
    client.receive();
    EXPECT_EQ(seen.method, "DELETE");
    EXPECT_EQ(seen.target, "/p?q");
    EXPECT_EQ(seen.header("x-mixed"), "a b");
    EXPECT_EQ(seen.headers.size(), 3u);
    EXPECT_THAT(seen.remote, testing::StartsWith("127.0.0.1:"));
    EXPECT_GT(seen.deadline, before + std::chrono::seconds(4));
    EXPECT_FALSE(seen.request_id.empty());
}

TEST(HttpServer, KeepsHandlersFromBreakingOutOfAHeader) {
    TestServer server([](HttpRequest) {
        auto response = text_response("x");
        response.headers.emplace_back("Location", "/a\r\nSet-Cookie: b");
        response.headers.emplace_back("Content-Length", "99");
        return respond(std::move(response));
    });
    const auto response = server.get("/");
    EXPECT_EQ(response.headers.count("set-cookie"), 0u);
    EXPECT_EQ(response.headers.count("content-length"), 1u);
    EXPECT_EQ(response.body, "x");
}

}  // namespace
}  // namespace productd
