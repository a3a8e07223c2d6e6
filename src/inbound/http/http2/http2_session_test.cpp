// Requests and answers of HTTP/2 as clients meet them.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "async/byte_budget.hpp"
#include "inbound/http/http2/http2_fixture.hpp"

namespace productd {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;
using testing::StartsWith;
using Then = Http2Client::Then;

constexpr std::size_t answer_bytes = 300'000;

TEST(Http2Session, AnswersSideBySideWhatComesOnOneConnection) {
    Gate gate;
    Http2TestServer test([&gate](HttpRequest request) -> asio::awaitable<HttpResponse> {
        if (request.target == "/slow") co_await gate.wait();
        co_return text_response(request.method + ' ' + request.target + ' ' + request.body);
    });
    auto client = test.client();
    const auto slow = client.request("GET", "/slow");
    gate.await_arrivals(1);
    const auto posted = client.request("POST", "/posted", {}, Then::more);
    client.data(posted, "bo", Then::more);
    EXPECT_EQ(client.get("/fast").body, "GET /fast ");
    client.data(posted, "dy");
    EXPECT_EQ(client.answer(posted).body, "POST /posted body");
    gate.open();
    EXPECT_EQ(client.answer(slow).body, "GET /slow ");
}

TEST(Http2Session, HasTheFrameOfEveryAnswerWithNamesInLowerCase) {
    Http2TestServer test([](HttpRequest) {
        auto response = text_response("body");
        response.headers = {
            {"ETag", "\"1\""}, {"X-Split", "a\r\nb: c"}, {"Connection", "close"}, {"Content-Length", "9"}};
        return respond(response);
    });
    auto client = test.client();
    const auto answer = client.answer(client.request("GET", "/", {{"x-request-id", "mine"}}));
    EXPECT_EQ(answer.status, "200");
    EXPECT_EQ(answer.header("x-request-id"), "mine");
    EXPECT_EQ(answer.header("x-content-type-options"), "nosniff");
    EXPECT_EQ(answer.header("etag"), "\"1\"");
    EXPECT_EQ(answer.header("x-split"), "a  b: c");
    EXPECT_EQ(answer.header("content-length"), "4");
    EXPECT_EQ(answer.headers.count("connection"), 0u);
    EXPECT_EQ(answer.headers.count("date"), 1u);
    const auto head = client.answer(client.request("HEAD", "/"));
    EXPECT_EQ(head.header("content-length"), "4");
    EXPECT_THAT(head.body, IsEmpty());
}

TEST(Http2Session, GivesHandlersTheAuthorityAsHostAndNoTrailers) {
    Http2TestServer test([](HttpRequest request) {
        std::string seen;
        for (const auto& [name, value] : request.headers) seen += name + '=' + value + ';';
        return respond(text_response(seen + request.body));
    });
    auto client = test.client();
    const auto id = client.request("POST", "/", {{"a", "1"}}, Then::more);
    client.data(id, "body", Then::more);
    client.send_frame(NGHTTP2_HEADERS, NGHTTP2_FLAG_END_STREAM | NGHTTP2_FLAG_END_HEADERS, id,
                      std::string_view("\x00\x07trailer\x01x", 11));
    EXPECT_EQ(client.answer(id).body, "host=test;a=1;body");
}

TEST(Http2Session, SendsALargeAnswerAsItsReaderMakesRoom) {
    const std::string large(answer_bytes, 'x');
    Http2TestServer test([&large](HttpRequest) { return respond(text_response(large)); });
    auto client = test.client(1'000);
    const auto id = client.request("GET", "/");
    client.await_body(id, 1'000);
    EXPECT_FALSE(client.so_far(id).is_whole);
    client.open_window(id, 1 << 30);
    EXPECT_EQ(client.answer(id).body, large);
}

TEST(Http2Session, SendsAllOfALargeAnswerToAReaderWhoseSocketIsFull) {
    const std::string large(16 * 1024 * 1024, 'x');
    Gate gate;
    Http2TestServer test([&](HttpRequest) -> asio::awaitable<HttpResponse> {
        co_await gate.wait();
        co_return text_response(large);
    });
    auto client = test.client();
    const auto id = client.request("GET", "/");
    gate.await_arrivals(1);
    gate.open();
    // Nothing is read until the socket is full, which another client's answers give it the time for.
    auto other = test.client();
    for (int each = 0; each < 10; ++each) EXPECT_EQ(other.get("/").body.size(), large.size());
    EXPECT_EQ(client.answer(id).body.size(), large.size());
}

TEST(Http2Session, ReleasesWhatAResetRequestHeldThoughItsTurnHasNotCome) {
    auto settings = test_settings();
    settings.requests_bytes = std::make_shared<ByteBudget>(std::size_t{1} << 30);
    const auto budget = settings.requests_bytes;
    const std::string large(answer_bytes, 'x');
    Http2TestServer test([&large](HttpRequest) { return respond(text_response(large)); }, settings);
    auto client = test.client(0);
    std::vector<std::int32_t> asked;
    for (int each = 0; each < 8; ++each) asked.push_back(client.request("GET", "/"));  // Four fill what may be unread.
    const auto waits = client.request("POST", "/", {}, Then::more);
    client.data(waits, std::string(16'000, 'x'), Then::more);
    client.data(waits, std::string(16'000, 'x'));
    client.reset(waits);
    const auto last = client.request("HEAD", "/");
    for (const auto id : asked) client.open_window(id, 1 << 30);
    for (const auto id : asked) EXPECT_EQ(client.answer(id).body.size(), large.size());
    client.answer(last);
    while (budget->held() > 0) std::this_thread::yield();
}

TEST(Http2Session, RefusesWhatHttp11RefusesAndGoesOn) {
    auto settings = test_settings();
    settings.limits.header_bytes_max = 4'000;
    settings.limits.headers_max = 20;
    settings.limits.body_bytes_max = 1'000;
    Http2TestServer test(&echo, settings);
    auto client = test.client();
    const auto status = [&client](const Http2Client::Fields& fields) {
        return client.answer(client.send_header(fields)).status;
    };
    const Http2Client::Fields get{{":method", "GET"}, {":scheme", "https"}, {":path", "/"}, {":authority", "test"}};
    const auto with = [&get](Http2Client::Fields more) {
        more.insert(more.begin(), get.begin(), get.end());
        return more;
    };
    EXPECT_EQ(status(with({{"large", std::string(4'000, 'x')}})), "431");
    EXPECT_EQ(status(with(Http2Client::Fields(21, {"a", "b"}))), "431");
    EXPECT_EQ(status(with({{"host", "other"}})), "400");
    EXPECT_EQ(status(with({{"host", "test"}})), "200");
    EXPECT_EQ(status(with({{"expect", "wonders"}})), "417");
    EXPECT_EQ(status({{":method", "CONNECT"}, {":authority", "test:1"}}), "501");
    EXPECT_EQ(status({{":method", std::string(33, 'M')}, {":scheme", "https"}, {":path", "/"}, {":authority", "test"}}),
              "501");
    EXPECT_EQ(status({{":method", "GET"}, {":scheme", "https"}, {":path", "/a#b"}, {":authority", "test"}}), "400");
    EXPECT_EQ(status({{":method", "GET"}, {":scheme", "ftp"}, {":path", "products"}, {":authority", "test"}}), "400");
    EXPECT_EQ(status(with({{"expect", "100-Continue"}})), "200");
    const auto promised =
        client.request("POST", "/", {{"content-length", "1001"}, {"expect", "100-continue"}}, Then::more);
    EXPECT_EQ(client.answer(promised).status, "413");
    EXPECT_THAT(client.so_far(promised).interim, IsEmpty());

    const auto id = client.request("POST", "/", {}, Then::more);
    client.data(id, std::string(1'001, 'x'), Then::more);
    EXPECT_EQ(client.answer(id).status, "413");
    EXPECT_EQ(client.reset_code(id), static_cast<std::uint32_t>(NGHTTP2_NO_ERROR));
    EXPECT_EQ(client.get("/after").status, "200");
    EXPECT_THAT(client.goaways(), IsEmpty());
}

TEST(Http2Session, AnswersAMalformedRequestByAReset) {
    Http2TestServer test(&echo);
    auto client = test.client();
    const auto malformed = static_cast<std::uint32_t>(NGHTTP2_PROTOCOL_ERROR);
    for (const auto& [name, value] : Http2Client::Fields{{"connection", "close"}, {"a", "b\nc"}, {"te", "gzip"}}) {
        EXPECT_EQ(client.reset_code(client.request("GET", "/", {{name, value}})), malformed) << name;
    }
    const auto no_host = client.send_header({{":method", "GET"}, {":scheme", "https"}, {":path", "/"}});
    EXPECT_EQ(client.reset_code(no_host), malformed);
    EXPECT_EQ(client.get("/after").status, "200");
    EXPECT_THAT(test.server.metrics().text(), HasSubstr(R"(rejected_total{listener="api",reason="malformed"} 4)"));
}

TEST(Http2Session, AsksForABodyThatItsClientHoldsBack) {
    Http2TestServer test(&echo);
    auto client = test.client();
    const auto id = client.request("POST", "/", {{"expect", "100-continue"}}, Then::more);
    while (client.so_far(id).interim.empty()) ASSERT_TRUE(client.receive());
    client.data(id, "body");
    EXPECT_EQ(client.answer(id).body, "POST / body");
}

TEST(Http2Session, RefusesWith503WhatRequestsTogetherMayNotOccupyAndServesSmallOnes) {
    auto settings = test_settings();
    settings.requests_bytes = std::make_shared<ByteBudget>(100'000);
    const auto budget = settings.requests_bytes;
    Http2TestServer test(&echo, settings);
    auto client = test.client();
    std::vector<std::int32_t> large;
    for (int each = 0; each < 4; ++each) {
        large.push_back(client.request("POST", "/", {}, Then::more));
        for (int piece = 0; piece < 3; ++piece) client.data(large.back(), std::string(16'000, 'x'), Then::more);
    }
    EXPECT_EQ(client.answer(large.back()).status, "503");
    auto small = test.client();
    EXPECT_EQ(small.get("/small").status, "200");
    for (const auto id : large) client.reset(id);
    EXPECT_EQ(client.get("/after").status, "200");
    EXPECT_EQ(budget->held(), 0u);
}

TEST(Http2Session, HoldsBackRequestsWhoseClientReadsNoAnswers) {
    constexpr int requests = 50;
    std::atomic<int> handled{0};
    const std::string large(answer_bytes, 'x');
    Http2TestServer test([&](HttpRequest) {
        ++handled;
        return respond(text_response(large));
    });
    auto client = test.client(0);
    std::vector<std::int32_t> ids;
    for (int each = 0; each < requests; ++each) ids.push_back(client.request("GET", "/"));
    auto other = test.client();
    EXPECT_EQ(other.get("/").body.size(), large.size());
    EXPECT_LE(handled, 6);  // A mebibyte of answers is four, and the other's.
    for (const auto id : ids) client.open_window(id, 1 << 30);
    for (const auto id : ids) EXPECT_EQ(client.answer(id).body.size(), large.size());
    EXPECT_EQ(handled, requests + 1);
}

TEST(Http2Session, LogsAndCountsByVersion) {
    auto settings = test_settings();
    settings.limits.streams_max = 2;
    Gate gate;
    Http2TestServer test(
        [&gate](HttpRequest) -> asio::awaitable<HttpResponse> {
            co_await gate.wait();
            co_return text_response("late");
        },
        settings);
    auto client = test.client();
    const auto first = client.request("GET", "/");
    const auto second = client.request("GET", "/");
    gate.await_arrivals(2);
    gate.open();
    EXPECT_EQ(client.answer(first).body, "late");
    EXPECT_EQ(client.answer(second).body, "late");
    EXPECT_THAT(test.server.metrics().text(), HasSubstr("http_microservice_total_requests 2"));
}

}  // namespace
}  // namespace productd
