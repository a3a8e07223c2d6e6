#include "inbound/http/http_span.hpp"

#include <gmock/gmock.h>

#include "inbound/http/http_fixture.hpp"
#include "tracing/span_fixture.hpp"

namespace productd::test {
namespace {

using testing::SizeIs;

const std::string caller = "00-0123456789abcdef0123456789abcdef-0123456789abcdef-01";

class HttpSpanTest : public testing::Test {
protected:
    /// The span of one request, and what its handler was given.
    SentSpan span_of(const std::string& line, const std::string& headers) {
        auto settings = test_settings();
        settings.tracer = tracer_;
        {
            TestServer server([this](HttpRequest request) { return answer(std::move(request)); }, settings);
            auto client = server.client();
            client.send(line + " HTTP/1.1\r\nHost: x\r\n" + headers + "\r\n");
            EXPECT_TRUE(client.receive());
        }
        const auto spans = sent_spans(*tracer_);
        EXPECT_THAT(spans, SizeIs(1));
        return spans.empty() ? SentSpan{} : spans.front();
    }

    asio::awaitable<HttpResponse> answer(HttpRequest request) {
        given_ = request.trace;
        if (request.path() == "/throws") throw std::runtime_error("broken");
        HttpResponse response;
        response.route = "/{target}";
        co_return response;
    }

    std::shared_ptr<Tracer> tracer_ = std::make_shared<Tracer>(TracerSettings{.is_on = true, .sampler = {}});
    TraceHeaders given_;
};

TEST_F(HttpSpanTest, SaysWhatWasAskedByWhomAndHowItWasAnswered) {
    const auto span = span_of("GET /1?secret", "traceparent: " + caller + "\r\nUser-Agent: curl\r\n");
    EXPECT_TRUE(is_child(span, parse_traceparent(caller)));
    EXPECT_EQ(given_.context.span, span.context.span) << "what the handler does is below it";
    EXPECT_EQ(span.name, "GET /{target}");
    EXPECT_EQ(span.attributes.at("url.path"), "/1");
    EXPECT_EQ(span.attributes.at("client.address"), "127.0.0.1");
    EXPECT_EQ(span.attributes.at("user_agent.original"), "curl");
    EXPECT_EQ(span.attributes.at("http.response.status_code"), "200");
    EXPECT_FALSE(span.failed);
}

TEST_F(HttpSpanTest, AHandlerThatThrowsFailsIt) {
    const auto span = span_of("GET /throws", "");
    EXPECT_TRUE(span.failed);
    EXPECT_EQ(span.attributes.at("error.type"), "500");
    EXPECT_EQ(span.exception.at("exception.type"), "500");
}

TEST_F(HttpSpanTest, ListsThatComeInSeveralHeadersAreOne) {
    span_of("GET /1",
            "traceparent: " + caller + "\r\ntracestate: a=1\r\ntracestate: b=2\r\nbaggage: c=3\r\nbaggage: d=4\r\n");
    EXPECT_EQ(given_.tracestate, "a=1,b=2");
    EXPECT_EQ(given_.baggage, "c=3,d=4");
    span_of("GET /1", "baggage: " + std::string(baggage_bytes_max + 1, 'x') + "\r\n");
    EXPECT_EQ(given_.baggage, "");
}

TEST_F(HttpSpanTest, TwoParentsAreNoneAndAListWithoutOneSaysNothing) {
    const auto span =
        span_of("GET /1", "traceparent: " + caller + "\r\ntraceparent: " + caller + "\r\ntracestate: a=1\r\n");
    EXPECT_EQ(span.parent, "");
    EXPECT_EQ(span.tracestate, "");
}

TEST_F(HttpSpanTest, AMethodThatNobodyKnowsMakesNoName) {
    const auto span = span_of("BREW /1", "");
    EXPECT_EQ(span.name, "HTTP /{target}");
    EXPECT_EQ(span.attributes.at("http.request.method"), "_OTHER");
}

TEST_F(HttpSpanTest, WhatIsRefusedUnreadIsOfItsCallersTraceToo) {
    const auto span = span_of("POST /1", "traceparent: " + caller + "\r\nContent-Length: 99999999\r\n");
    EXPECT_TRUE(is_child(span, parse_traceparent(caller)));
    EXPECT_EQ(span.attributes.at("http.response.status_code"), "413");
}

}  // namespace
}  // namespace productd::test
