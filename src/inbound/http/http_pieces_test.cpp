// Answers of pieces as clients of HTTP/1.x meet them: framing, order, and what else goes on beside.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <regex>

#include "async/byte_budget.hpp"
#include "fakes/log_lines.hpp"
#include "inbound/http/http_pieces_fixture.hpp"

namespace productd {
namespace {

using testing::HasSubstr;
using testing::Not;

TEST(HttpPieces, SendsEachPieceWhenItIsMadeInAChunkOfItsOwn) {
    Taps taps;
    TestServer server(taps.handler());
    auto client = server.client();
    client.send(get_feed);
    const auto header = client.receive().value();
    EXPECT_EQ(header.status, 200u);
    EXPECT_EQ(header.header("transfer-encoding"), "chunked");
    EXPECT_EQ(header.header("content-type"), "text/event-stream");
    EXPECT_EQ(header.headers.count("content-length"), 0u);
    EXPECT_EQ(header.headers.count("connection"), 0u);
    auto& tap = taps["/feed"];
    const std::string long_piece(26, 'x');
    for (const auto& [piece, chunk] : {std::pair<std::string, std::string>{"a", "1\r\na\r\n"},
                                       {"", ""},
                                       {long_piece, "1a\r\n" + long_piece + "\r\n"}}) {
        tap.give(piece);
        EXPECT_EQ(client.receive_bytes(chunk.size()), chunk);
    }
    tap.close();
    EXPECT_EQ(client.receive_bytes(5), "0\r\n\r\n");
    await_that([&] { return tap.is_destroyed.load(); });
    client.send(get_other);
    EXPECT_EQ(client.receive().value().body, "/other");
}

TEST(HttpPieces, EndsTheConnectionOfHttp10AndFramesNothing) {
    for (const std::string asked : {"", "Connection: keep-alive\r\n"}) {
        Taps taps;
        TestServer server(taps.handler());
        auto client = server.client();
        client.send("GET /feed HTTP/1.0\r\n" + asked + "\r\n");
        const auto header = client.receive().value();
        EXPECT_EQ(header.headers.count("transfer-encoding"), 0u);
        EXPECT_EQ(header.headers.count("content-length"), 0u);
        EXPECT_EQ(header.header("connection"), "close");
        taps["/feed"].give("a");
        EXPECT_EQ(client.receive_bytes(1), "a");
        taps["/feed"].give("b");
        taps["/feed"].close();
        EXPECT_EQ(client.until_closed(), "b");
    }
}

TEST(HttpPieces, AnswersHeadWithTheHeaderAndDoesNotAskTheSource) {
    Taps taps;
    TestServer server(taps.handler());
    auto client = server.client();
    client.send("HEAD /feed HTTP/1.1\r\nHost: test\r\n\r\n" + get_other);
    const auto header = client.receive(true).value();
    EXPECT_EQ(header.status, 200u);
    EXPECT_EQ(header.headers.count("content-length"), 0u);
    EXPECT_EQ(client.receive().value().body, "/other");
    EXPECT_TRUE(taps["/feed"].is_destroyed);
    EXPECT_EQ(taps["/feed"].asked, 0u);
}

TEST(HttpPieces, LeavesTheSourceOfAnAnswerWithoutABodyAlone) {
    Tap tap;
    const std::shared_ptr<Tap> shared(&tap, [](Tap*) {});
    TestServer server([&](HttpRequest) {
        auto response = pieces_response(std::make_shared<TapSource>(shared));
        response.status = 304;
        return respond(std::move(response));
    });
    auto client = server.client();
    client.send(get_other + get_other);
    for (int each = 0; each < 2; ++each) EXPECT_EQ(client.receive().value().headers.count("transfer-encoding"), 0u);
    EXPECT_EQ(tap.asked, 0u);
}

TEST(HttpPieces, HandlesPipelinedRequestsBehindThemOnceTheyHaveEnded) {
    Taps taps;
    TestServer server(taps.handler());
    auto client = server.client();
    client.send(get_feed + get_other);
    client.receive();
    taps["/feed"].give("a");
    EXPECT_EQ(client.receive_bytes(6), "1\r\na\r\n");
    client.send(get_other);
    EXPECT_EQ(server.get("/beside").status, 200u);
    EXPECT_EQ(taps.others, 1);
    taps["/feed"].close();
    EXPECT_EQ(client.receive_bytes(5), "0\r\n\r\n");
    for (int each = 0; each < 2; ++each) EXPECT_EQ(client.receive().value().body, "/other");
}

TEST(HttpPieces, KeepsLittleOfWhatComesBehindThemAndAnswersAllOfIt) {
    constexpr int count = 10'000;
    auto settings = test_settings();
    const auto budget = settings.requests_bytes = std::make_shared<ByteBudget>(std::size_t{1} << 30);
    Taps taps;
    TestServer server(taps.handler(), settings);
    auto client = server.client();
    std::string requests = get_feed;
    for (int each = 0; each < count; ++each) requests += get_other;
    auto sending = std::async(std::launch::async, [&] { return client.send(requests); });
    await_that([&] { return taps["/feed"].waits.load(); });
    for (int each = 0; each < 100; ++each) EXPECT_EQ(server.get("/beside").status, 200u);
    EXPECT_LE(budget->held(), 64u * 1024);
    taps["/feed"].close();
    client.receive();
    EXPECT_EQ(client.receive_bytes(5), "0\r\n\r\n");
    for (int each = 0; each < count; ++each) ASSERT_EQ(client.receive().value().body, "/other");
    EXPECT_TRUE(sending.get());
}

TEST(HttpPieces, AreNoRequestInFlightAndOutlastDeadlinesOfRequestsAndOfIdleConnections) {
    auto settings = test_settings();
    settings.limits.requests_in_flight_max = 1;
    settings.timeouts.request = settings.timeouts.idle = shortly;
    Taps taps;
    TestServer server(
        [pieces = taps.handler()](HttpRequest request) -> asio::awaitable<HttpResponse> {
            if (request.target != "/slow") co_return co_await pieces(std::move(request));
            co_await sleep_until(Deadline::max());
            HttpResponse late;
            late.status = 503;
            co_return late;
        },
        settings);
    auto client = server.client();
    client.send(get_feed);
    client.receive();
    EXPECT_EQ(server.get("/slow").status, 504u);
    auto idle = server.client();
    EXPECT_TRUE(idle.closed());
    taps["/feed"].give("a");
    EXPECT_EQ(client.receive_bytes(6), "1\r\na\r\n");
}

TEST(HttpPieces, GiveBackWhatTheirRequestOccupied) {
    auto settings = test_settings();
    const auto budget = settings.requests_bytes = std::make_shared<ByteBudget>(1024 * 1024);
    Taps taps;
    TestServer server(taps.handler(), settings);
    auto client = server.client();
    client.send("POST /feed HTTP/1.1\r\nHost: test\r\nContent-Length: 100000\r\n\r\n" + std::string(100'000, 'x'));
    client.receive();
    await_that([&] { return taps["/feed"].waits.load(); });
    EXPECT_EQ(budget->held(), 0u);
}

TEST(HttpPieces, AreWorkThatMakesNoRoomForANewClient) {
    auto settings = test_settings();
    settings.limits.connections_max = 1;
    Taps taps;
    TestServer server(taps.handler(), settings);
    std::optional<RawClient> client(server.client());
    client->send(get_feed);
    client->receive();
    auto other = server.client();
    other.send(get_other);
    await_that([&] { return server.metrics().text().contains(R"(reason="connections"})"); });
    taps["/feed"].give("a");
    EXPECT_EQ(client->receive_bytes(6), "1\r\na\r\n");
    client.reset();
    EXPECT_EQ(other.receive().value().body, "/other");
}

double number_behind(const std::string& text, const std::string& name) {
    std::smatch found;
    return std::regex_search(text, found, std::regex(name + R"(:? ?([0-9.e+-]+))")) ? std::stod(found[1]) : -1;
}

TEST(HttpPieces, AreLoggedAndCountedAtTheirEndWithTheTimeToTheHeaderAsDuration) {
    auto settings = test_settings();
    settings.exchange.access_log = AccessLog::all;
    Taps taps;
    TestServer server(taps.handler(), settings);
    const auto lines = test::log_lines([&] {
        auto client = server.client();
        client.send(get_feed);
        client.receive();
        taps["/feed"].give("abc");
        client.receive_bytes(8);
        EXPECT_THAT(server.metrics().text(), Not(HasSubstr("requests_total{")));
        taps["/feed"].close();
        client.receive_bytes(5);
        await_that([&] { return server.metrics().text().contains("requests_total{"); });
    });
    ASSERT_EQ(lines.size(), 1u);
    EXPECT_THAT(lines[0], HasSubstr(R"("status":200,"bytes":3,)"));
    EXPECT_THAT(lines[0], HasSubstr(R"("stream":"whole")"));
    const auto counted = number_behind(server.metrics().text(), R"(duration_seconds_sum.*\})");
    EXPECT_GT(counted, 0);
    EXPECT_LT(counted * 1'000, number_behind(lines[0], R"("duration_ms")"));
}

}  // namespace
}  // namespace productd
