// Ways a stream or a connection of HTTP/2 ends before its time: resets, deadlines, stops.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <functional>
#include <future>
#include <thread>

#include "inbound/http/http2/http2_fixture.hpp"

namespace productd {
namespace {

using std::chrono::milliseconds;
using testing::Each;
using testing::HasSubstr;
using Then = Http2Client::Then;

constexpr milliseconds soon{40};

/// Waits at `gate` but for other targets than `/wait`.
HttpHandler waiting_at(Gate& gate) {
    return [&gate](HttpRequest request) -> asio::awaitable<HttpResponse> {
        if (request.target == "/wait") co_await gate.wait();
        co_return text_response("done");
    };
}

/// As a store's call: it ends when it is cancelled.
asio::awaitable<HttpResponse> wait_until_cancelled(HttpRequest request) {
    HttpResponse response = text_response("fast");
    if (request.target == "/wait") {
        co_await sleep_until(std::chrono::steady_clock::now() + std::chrono::seconds(20));
        response.status = 503;
    }
    co_return response;
}

/// Handlers that take no notice of being cancelled.
class Stubborn {
public:
    HttpHandler handler() {
        return [this](HttpRequest request) -> asio::awaitable<HttpResponse> {
            if (request.target == "/wait") co_await wait();
            co_return text_response("done");
        };
    }
    void await_arrivals(int count) {
        while (arrived_ < count) std::this_thread::yield();
    }
    void let_go() {
        asio::post(elsewhere_, [this] { never_.cancel(); });
        elsewhere_.poll();
    }

private:
    asio::awaitable<void> wait() {
        // The timer is used from one thread at a time: by the handlers first, whose arrival is awaited.
        boost::system::error_code ignored;
        auto waiting = never_.async_wait(asio::bind_cancellation_slot(
            asio::cancellation_slot(), asio::redirect_error(asio::use_awaitable, ignored)));
        ++arrived_;
        co_await std::move(waiting);
    }

    asio::io_context elsewhere_;
    asio::steady_timer never_{elsewhere_, Deadline::max()};
    std::atomic<int> arrived_{0};
};

TEST(Http2Ends, CancelsTheHandlerOfAResetRequest) {
    Http2TestServer test(&wait_until_cancelled);
    auto client = test.client();
    const auto id = client.request("GET", "/wait");
    EXPECT_EQ(client.get("/").body, "fast");
    client.reset(id);
    const auto is_counted = [&test] {
        return test.server.metrics().text().find(R"(status="499")") != std::string::npos;
    };
    while (!is_counted()) EXPECT_EQ(client.get("/").body, "fast");
}

TEST(Http2Ends, AnswersForALateHandlerAndGoesOn) {
    auto settings = test_settings();
    settings.timeouts.request = soon;
    settings.timeouts.linger = soon;
    Stubborn stubborn;
    Http2TestServer ignores(stubborn.handler(), settings);
    auto client = ignores.client();
    EXPECT_EQ(client.get("/wait").status, "504");
    EXPECT_EQ(client.get("/").status, "200");
    stubborn.let_go();

    Http2TestServer cancels(&wait_until_cancelled, settings);
    auto other = cancels.client();
    EXPECT_EQ(other.get("/wait").status, "504");
    EXPECT_EQ(other.get("/").status, "200");
}

TEST(Http2Ends, RefusesMoreStreamsWhileHandlersOfResetOnesAreAtWork) {
    auto settings = test_settings();
    settings.limits.streams_max = 3;
    Stubborn stubborn;
    Http2TestServer test(stubborn.handler(), settings);
    auto client = test.client();
    for (int each = 1; each <= 3; ++each) {
        const auto id = client.request("GET", "/wait");
        stubborn.await_arrivals(each);
        client.reset(id);
    }
    const auto refused = client.request("GET", "/");
    EXPECT_EQ(client.reset_code(refused), static_cast<std::uint32_t>(NGHTTP2_REFUSED_STREAM));
    EXPECT_THAT(test.server.metrics().text(), HasSubstr(R"(reason="http2_streams"})"));
    stubborn.let_go();
    while (client.get("/").status.empty()) {
    }
}

TEST(Http2Ends, AnswersABodyThatDoesNotEndWith408) {
    auto settings = test_settings();
    settings.timeouts.body = soon;
    Http2TestServer test(&echo, settings);
    auto client = test.client();
    const auto id = client.request("POST", "/", {}, Then::more);
    client.data(id, "half", Then::more);
    EXPECT_EQ(client.answer(id).status, "408");
    EXPECT_EQ(client.get("/").status, "200");
}

TEST(Http2Ends, ClosesWhenAHeaderDoesNotEnd) {
    auto settings = test_settings();
    settings.timeouts.header = soon;
    Http2TestServer test(&echo, settings);
    auto client = test.client();
    EXPECT_EQ(client.get("/").status, "200");  // The settings are exchanged: nothing else of ours comes between.
    client.send_frame(NGHTTP2_HEADERS, NGHTTP2_FLAG_END_STREAM, 3, "\x82");
    client.until_closed();
    EXPECT_THAT(test.server.metrics().text(), HasSubstr(R"(timeouts_total{listener="api",phase="header"} 1)"));
}

TEST(Http2Ends, ClosesWhenAHeaderDoesNotEndThoughAnotherStreamIsReset) {
    auto settings = test_settings();
    settings.timeouts.header = soon;
    Http2TestServer test(&echo, settings);
    auto client = test.client();
    EXPECT_EQ(client.get("/").status, "200");
    // The first has no path, so it is reset, which must not pass for the end of the second.
    client.send_frame(NGHTTP2_HEADERS, NGHTTP2_FLAG_END_STREAM | NGHTTP2_FLAG_END_HEADERS, 3, "\x82\x87");
    client.send_frame(NGHTTP2_HEADERS, NGHTTP2_FLAG_END_STREAM, 5, "\x82");
    client.until_closed();
    EXPECT_THAT(test.server.metrics().text(), HasSubstr(R"(timeouts_total{listener="api",phase="header"} 1)"));
}

TEST(Http2Ends, ClosesAnIdleConnectionWhoseHandlerDoesNotComeBack) {
    auto settings = test_settings();
    settings.timeouts.request = settings.timeouts.linger = soon;
    settings.timeouts.idle = std::chrono::seconds(1);
    Stubborn stubborn;
    Http2TestServer test(stubborn.handler(), settings);
    auto client = test.client();
    EXPECT_EQ(client.get("/wait").status, "504");
    client.until_closed();
    stubborn.let_go();
}

TEST(Http2Ends, MakesRoomForANewClientAtOnce) {
    auto settings = test_settings();
    settings.limits.connections_max = 1;
    Http2TestServer test(&echo, settings);
    auto silent = test.client();
    EXPECT_EQ(silent.get("/").status, "200");
    auto other = test.client();
    EXPECT_EQ(other.get("/").status, "200");
    EXPECT_THAT(test.server.metrics().text(), HasSubstr(R"(rejected_total{listener="api",reason="idle"} 1)"));
}

TEST(Http2Ends, ClosesAnIdleConnectionThoughItPings) {
    auto settings = test_settings();
    settings.timeouts.idle = soon;
    Http2TestServer test(&echo, settings);
    auto client = test.client();
    while (client.goaways().empty()) {
        client.send_frame(NGHTTP2_PING, 0, 0, "12345678");
        ASSERT_TRUE(client.receive());
    }
    EXPECT_EQ(client.goaway(), static_cast<std::uint32_t>(NGHTTP2_NO_ERROR));
    client.until_closed();
}

TEST(Http2Ends, ResetsAnAnswerThatIsNotReadAndServesOthersBeside) {
    auto settings = test_settings();
    settings.timeouts.write = soon;
    Http2TestServer test([](HttpRequest) { return respond(text_response("12345")); }, settings);
    auto client = test.client(0);
    const auto unread = client.request("GET", "/");
    EXPECT_EQ(client.reset_code(unread), static_cast<std::uint32_t>(NGHTTP2_CANCEL));
    const auto head = client.request("HEAD", "/");
    EXPECT_EQ(client.answer(head).status, "200");
    EXPECT_THAT(test.server.metrics().text(), HasSubstr(R"(timeouts_total{listener="api",phase="write"} 1)"));
}

TEST(Http2Ends, AnswersWhatIsInFlightWhenItStops) {
    Gate gate;
    Http2TestServer test(waiting_at(gate));
    auto client = test.client();
    const auto id = client.request("GET", "/wait");
    gate.await_arrivals(1);
    auto stopped = std::async(std::launch::async, [&test] { return test.server.stop(std::chrono::seconds(20)); });
    EXPECT_EQ(client.goaway(), static_cast<std::uint32_t>(NGHTTP2_NO_ERROR));
    gate.open();
    EXPECT_EQ(client.answer(id).body, "done");
    client.until_closed();
    EXPECT_EQ(stopped.get(), 0u);
    EXPECT_THAT(client.goaways(), Each(static_cast<std::uint32_t>(NGHTTP2_NO_ERROR)));
}

TEST(Http2Ends, ClosesAnIdleClientThatDoesNotListenWhenItStops) {
    auto settings = test_settings();
    settings.timeouts.linger = soon;
    Http2TestServer test(&echo, settings);
    auto client = test.client();
    EXPECT_EQ(client.get("/").status, "200");
    EXPECT_EQ(test.server.stop(std::chrono::seconds(20)), 0u);
}

TEST(Http2Ends, CutsWhatDoesNotEndInTime) {
    Gate gate;
    Http2TestServer test(waiting_at(gate));
    auto client = test.client();
    client.request("GET", "/wait");
    gate.await_arrivals(1);
    EXPECT_EQ(test.server.stop(soon), 1u);
    gate.open();
    client.until_closed();
}

}  // namespace
}  // namespace productd
