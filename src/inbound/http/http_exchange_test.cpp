// What clients see around every answer, over a real connection.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <zlib.h>

#include "fakes/log_lines.hpp"
#include "inbound/http/http_fixture.hpp"

namespace productd {
namespace {

using testing::HasSubstr;
using testing::Not;

/// One request with `headers` (each line ended).
RawResponse ask(TestServer& server, const std::string& line, const std::string& headers) {
    auto client = server.client();
    client.send(line + " HTTP/1.1\r\nHost: test\r\n" + headers + "\r\n");
    return client.receive().value();
}

std::string request_id_for(TestServer& server, const std::string& sent) {
    return ask(server, "GET /", "X-Request-Id: " + sent + "\r\n").header("x-request-id");
}

TEST(HttpExchange, EchoesASaneRequestIdAndMakesOneOtherwise) {
    TestServer server(&echo);
    EXPECT_EQ(request_id_for(server, "abc-1.2_X"), "abc-1.2_X");
    EXPECT_EQ(request_id_for(server, std::string(128, 'a')), std::string(128, 'a'));
    for (const std::string bad : {"", "a b", "a\"b", "a;b"}) {
        EXPECT_THAT(request_id_for(server, bad), testing::MatchesRegex("[0-9a-f]{32}"));
    }
    EXPECT_EQ(request_id_for(server, std::string(129, 'a')).size(), 32u);
    EXPECT_NE(server.get("/").header("x-request-id"), server.get("/").header("x-request-id"));
}

TEST(HttpExchange, SendsTheSecurityHeadersWithEveryAnswer) {
    TestServer server(&echo);
    auto refused = server.client();
    refused.send("nonsense\r\n\r\n");
    for (const auto& response : {server.get("/"), refused.receive().value()}) {
        EXPECT_EQ(response.header("x-content-type-options"), "nosniff");
        EXPECT_EQ(response.header("x-frame-options"), "SAMEORIGIN");
        EXPECT_EQ(response.header("x-xss-protection"), "1; mode=block");
        EXPECT_EQ(response.header("server"), "productd");
        EXPECT_THAT(response.header("date"), testing::MatchesRegex(".{3}, .{11} .{8} GMT"));
        EXPECT_EQ(response.header("vary"), "Accept-Encoding");
        EXPECT_EQ(response.header("cache-control"), "no-cache");
    }
}

TEST(HttpExchange, AllowsOnlyTheOriginsConfigured) {
    auto settings = test_settings();
    settings.exchange.cors_origins = {"https://good.example"};
    TestServer server(&echo, settings);
    EXPECT_EQ(ask(server, "GET /", "Origin: https://good.example\r\n").header("access-control-allow-origin"),
              "https://good.example");
    EXPECT_EQ(ask(server, "GET /", "Origin: https://bad.example\r\n").headers.count("access-control-allow-origin"), 0u);
    EXPECT_EQ(server.get("/").headers.count("access-control-allow-origin"), 0u);
}

HttpResponse json_response(std::size_t bytes) {
    HttpResponse response;
    response.content_type = "application/json";
    response.body = '"' + std::string(bytes, 'x') + '"';
    response.headers.emplace_back("ETag", "\"7\"");
    return response;
}

std::string gunzip(const std::string& packed) {
    z_stream stream{};
    inflateInit2(&stream, 15 + 16);
    std::string plain(1'000'000, '\0');
    stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(packed.data()));
    stream.avail_in = static_cast<uInt>(packed.size());
    stream.next_out = reinterpret_cast<Bytef*>(plain.data());
    stream.avail_out = static_cast<uInt>(plain.size());
    const int outcome = inflate(&stream, Z_FINISH);
    plain.resize(stream.total_out);
    inflateEnd(&stream);
    return outcome == Z_STREAM_END ? plain : "not gzip";
}

TEST(HttpExchange, CompressesForClientsThatAskForIt) {
    for (const std::size_t size : {2'000u, 300'000u}) {  // In one go, and in steps.
        TestServer server([size](HttpRequest) { return respond(json_response(size)); });
        const auto packed = ask(server, "GET /", "Accept-Encoding: br, gzip;q=0.8\r\n");
        EXPECT_EQ(packed.header("content-encoding"), "gzip");
        EXPECT_LT(packed.body.size(), size / 10);
        EXPECT_EQ(gunzip(packed.body), json_response(size).body);
        EXPECT_EQ(packed.header("etag"), "\"7-gzip\"");
        for (const char* refusal : {"", "Accept-Encoding: gzip;q=0\r\n", "Accept-Encoding: identity\r\n"}) {
            const auto plain = ask(server, "GET /", refusal);
            EXPECT_EQ(plain.body, json_response(size).body);
            EXPECT_EQ(plain.header("etag"), "\"7\"");
            EXPECT_EQ(plain.headers.count("content-encoding"), 0u);
        }
    }
}

TEST(HttpExchange, LeavesSmallAndPackedBodiesAsTheyAre) {
    TestServer server([](HttpRequest request) {
        auto response = json_response(request.target == "/small" ? 500 : 5'000);
        if (request.target == "/png") response.content_type = "image/png";
        if (request.target == "/packed") response.headers.emplace_back("Content-Encoding", "br");
        return respond(std::move(response));
    });
    for (const std::string target : {"/small", "/png", "/packed"}) {
        const auto response = ask(server, "GET " + target, "Accept-Encoding: gzip\r\n");
        EXPECT_NE(response.header("content-encoding"), "gzip") << target;
        EXPECT_EQ(response.header("etag"), "\"7\"") << target;
    }
}

TEST(HttpExchange, UnderstandsTheETagOfACompressedAnswer) {
    std::string if_match, if_none_match;
    TestServer server([&](HttpRequest request) {
        if_match = request.header("if-match").value_or("");
        if_none_match = request.header("if-none-match").value_or("");
        HttpResponse response;
        response.status = 304;
        response.headers.emplace_back("ETag", "\"7\"");
        return respond(std::move(response));
    });
    ask(server, "PUT /", "If-Match: \"7-gzip\", \"8\"\r\nContent-Length: 0\r\n");
    EXPECT_EQ(if_match, "\"7\", \"8\"");
    EXPECT_EQ(ask(server, "GET /", "If-None-Match: \"7-gzip\"\r\n").header("etag"), "\"7-gzip\"");
    EXPECT_EQ(if_none_match, "\"7\"");
    EXPECT_EQ(ask(server, "GET /", "If-None-Match: \"7\"\r\n").header("etag"), "\"7\"");
}

TEST(HttpExchange, CountsRequestsByMethodRouteAndStatus) {
    TestServer server(&echo, test_settings(), 1);
    ask(server, "GET /1", "");
    ask(server, "GET /2", "");
    ask(server, "BREW /3", "");
    auto refused = server.client();
    refused.send("nonsense\r\n\r\n");
    refused.receive();
    const auto text = server.metrics().text();
    EXPECT_THAT(text, HasSubstr("http_microservice_total_requests 4"));
    EXPECT_THAT(text, HasSubstr(R"(productd_http_requests_total{method="GET",route="/{target}",status="200"} 2)"));
    EXPECT_THAT(text, HasSubstr(R"(productd_http_requests_total{method="other",route="/{target}",status="200"} 1)"));
    EXPECT_THAT(text, HasSubstr(R"(productd_http_requests_total{method="other",route="other",status="400"} 1)"));
    EXPECT_THAT(text, HasSubstr(R"(productd_http_request_duration_seconds_count{method="GET",route="/{target}"} 2)"));
    EXPECT_THAT(text, HasSubstr(R"(productd_http_rejected_total{listener="api",reason="malformed"} 1)"));
}

constexpr const char* of_request =
    "X-Request-Id: id-1\r\ntraceparent: 00-0123456789abcdef0123456789abcdef-0123456789abcdef-01\r\n";

TEST(HttpExchange, LogsARequestOnOneLineWithoutItsQuery) {
    auto settings = test_settings();
    settings.exchange.access_log = AccessLog::all;
    const auto lines = test::log_lines([&] {
        TestServer server(&echo, settings);
        ask(server, "GET /path?password=secret", of_request);
    });
    ASSERT_EQ(lines.size(), 1U);
    const auto& line = lines[0];
    for (const char* part : {R"("method":"GET")", R"("path":"/path")", R"("status":200)", R"("request_id":"id-1")",
                             R"("trace_id":"0123456789abcdef0123456789abcdef")", R"("remote":"127.0.0.1:)"}) {
        EXPECT_THAT(line, HasSubstr(part));
    }
    EXPECT_THAT(line, Not(HasSubstr("secret")));
}

TEST(HttpExchange, SaysWhoseRequestItIsInEachLineOfOneThatFails) {
    auto settings = test_settings();
    settings.exchange.access_log = AccessLog::all;
    const auto lines = test::log_lines([&] {
        TestServer server([](HttpRequest) -> asio::awaitable<HttpResponse> { throw std::runtime_error("broken"); },
                          settings);
        EXPECT_EQ(ask(server, "PUT /path", std::string(of_request) + "Content-Length: 0\r\n").status, 500U);
    });
    const auto is_its = HasSubstr(R"("request_id":"id-1","trace_id":"0123456789abcdef0123456789abcdef")");
    EXPECT_THAT(lines,
                testing::ElementsAre(testing::AllOf(is_its, HasSubstr(R"("level":"error")"), HasSubstr("broken")),
                                     testing::AllOf(is_its, HasSubstr(R"("status":500)"))));
}

TEST(HttpExchange, TellsTheCauseOfAFailureInItsOwnLine) {
    auto settings = test_settings();
    settings.exchange.access_log = AccessLog::failures;
    const auto lines = test::log_lines([&] {
        TestServer server(
            [](HttpRequest) {
                HttpResponse response{.status = 503};
                response.cause = "no route";
                return respond(std::move(response));
            },
            settings);
        server.get("/path");
    });
    EXPECT_THAT(lines, testing::ElementsAre(HasSubstr(R"("cause":"no route")")));
}

TEST(HttpExchange, LogsOnlyFailuresWhenToldSo) {
    auto settings = test_settings();
    settings.exchange.access_log = AccessLog::failures;
    const auto lines = test::log_lines([&] {
        TestServer server(&echo, settings);
        server.get("/fine");
        auto client = server.client();
        client.send("GET /bad HTTP/1.1\r\n\r\n");
        client.receive();
    });
    EXPECT_THAT(lines, testing::ElementsAre(HasSubstr("/bad")));
}

}  // namespace
}  // namespace productd
