// Every way an answer of pieces ends over HTTP/1.1 before its source does.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "async/byte_budget.hpp"
#include "fakes/log_lines.hpp"
#include "inbound/http/http_pieces_fixture.hpp"

namespace productd {
namespace {

using std::chrono::seconds;
using testing::HasSubstr;
using testing::Not;

constexpr std::size_t piece_bytes = 64 * 1024;

TEST(HttpPiecesEnds, CancelsAWaitingSourceOnceItsClientIsGone) {
    TestTls tls;
    for (const bool with_tls : {false, true}) {
        Taps taps;
        TestServer server(taps.handler(), with_tls ? tls_settings(tls) : test_settings());
        {
            auto client = with_tls ? server.tls_client() : server.client();
            client.send(get_feed);
            client.receive();
            await_that([&] { return taps["/feed"].waits.load(); });
        }
        await_that([&] { return taps["/feed"].is_destroyed.load(); });
        await_that([&] { return server.server().connections() == 0; });
        EXPECT_EQ(taps["/feed"].asked, 1u);
        EXPECT_FALSE(taps["/feed"].was_stopped);
    }
}

TEST(HttpPiecesEnds, TakesAClientThatClosesItsHalfForGone) {
    Taps taps;
    TestServer server(taps.handler());
    auto client = server.client();
    client.send(get_feed);
    client.receive();
    taps["/feed"].give("a");
    EXPECT_EQ(client.receive_bytes(6), "1\r\na\r\n");
    client.send_end();
    await_that([&] { return taps["/feed"].is_destroyed.load(); });
    EXPECT_TRUE(client.closed());
}

TEST(HttpPiecesEnds, EndsASourceThatAlwaysHasMoreWhenItsClientResetsTheConnection) {
    Taps taps;
    taps["/feed"].give_always(std::string(100, 'x'));
    TestServer server(taps.handler(), test_settings(), 1);
    {
        auto client = server.client();
        client.send(get_feed);
        EXPECT_EQ(client.receive_bytes(1), "H");
        EXPECT_EQ(server.get("/beside").status, 200u);  // The thread is not for that source alone.
    }
    await_that([&] { return taps["/feed"].is_destroyed.load(); });
    EXPECT_EQ(server.get("/beside").status, 200u);
}

TEST(HttpPiecesEnds, HoldsOnePieceOfASlowReaderAndCutsItOff) {
    auto settings = test_settings();
    settings.timeouts.write = shortly;
    settings.exchange.access_log = AccessLog::failures;
    const auto budget = settings.answers_bytes = std::make_shared<ByteBudget>(std::size_t{1} << 30);
    Taps taps;
    auto& tap = taps["/feed"];
    TestServer server(taps.handler(), settings, 1);
    std::size_t held_max = 0;
    const auto lines = test::log_lines([&] {
        auto slow = RawClient::tcp(server.server().port(), 4'096);
        slow.send(get_feed);
        tap.give_always(std::string(piece_bytes, 'x'));
        await_that([&] {
            held_max = std::max(held_max, budget->held());
            return tap.is_destroyed.load();
        });
        EXPECT_THAT(slow.until_closed(), Not(HasSubstr("\r\n0\r\n")));
    });
    EXPECT_GT(held_max, piece_bytes / 2);
    EXPECT_LT(held_max, piece_bytes + 1'024);
    await_that([&] { return budget->held() == 0; });
    EXPECT_LT(tap.given * piece_bytes, 64u * 1024 * 1024);
    EXPECT_THAT(server.metrics().text(), HasSubstr(R"(timeouts_total{listener="api",phase="write"} 1)"));
    ASSERT_EQ(lines.size(), 1u);
    EXPECT_THAT(lines[0], HasSubstr(R"("stream":"slow")"));
}

TEST(HttpPiecesEnds, DoesNotCutAReaderThatTakesEachPieceInTimeHoweverLongItWaitsBetween) {
    auto settings = test_settings();
    settings.timeouts.write = shortly;
    settings.timeouts.idle = shortly * 2;
    Taps taps;
    TestServer server(taps.handler(), settings);
    auto client = server.client();
    client.send(get_feed);
    client.receive();
    for (int each = 0; each < 3; ++each) {
        auto idle = server.client();
        EXPECT_TRUE(idle.closed());  // Twice the write time-out is over.
        taps["/feed"].give("a");
        EXPECT_EQ(client.receive_bytes(6), "1\r\na\r\n");
    }
}

TEST(HttpPiecesEnds, CutsAnAnswerWhosePieceHasNoRoomWhileSmallOnesGoOn) {
    auto settings = test_settings();
    settings.answers_bytes = std::make_shared<ByteBudget>(piece_bytes / 2);
    Taps taps;
    TestServer server(taps.handler(), settings);
    auto large = server.client();
    auto small = server.client();
    large.send("GET /feed/large HTTP/1.1\r\nHost: test\r\n\r\n");
    small.send("GET /feed/small HTTP/1.1\r\nHost: test\r\n\r\n");
    large.receive();
    small.receive();
    taps["/feed/large"].give(std::string(piece_bytes, 'x'));
    EXPECT_TRUE(large.closed());
    for (int each = 0; each < 100; ++each) {
        const std::string piece(16 * 1024, 'x');
        taps["/feed/small"].give(piece);
        EXPECT_EQ(small.receive_bytes(piece.size() + 8), "4000\r\n" + piece + "\r\n");
    }
    EXPECT_THAT(server.metrics().text(), HasSubstr(R"(rejected_total{listener="api",reason="answers_bytes"} 1)"));
}

TEST(HttpPiecesEnds, CutsAndLogsOnceWhatASourceThrows) {
    auto settings = test_settings();
    settings.exchange.access_log = AccessLog::all;
    Taps taps;
    TestServer server(taps.handler(), settings);
    const auto lines = test::log_lines([&] {
        auto client = server.client();
        client.send(get_feed);
        client.receive();
        taps["/feed"].give("a");
        EXPECT_EQ(client.receive_bytes(6), "1\r\na\r\n");
        taps["/feed"].fail();
        EXPECT_TRUE(client.closed());
    });
    ASSERT_EQ(lines.size(), 2u);
    EXPECT_THAT(lines[0], HasSubstr(R"("error":"secret detail")"));
    EXPECT_THAT(lines[0], HasSubstr("request_id"));
    EXPECT_THAT(lines[1], HasSubstr(R"("stream":"failed")"));
}

TEST(HttpPiecesEnds, LetsASourceSayWhereItStandsWhenTheServerStops) {
    auto settings = test_settings();
    settings.timeouts.linger = settings.timeouts.write = std::chrono::minutes(10);  // Nothing waits for them.
    Taps taps;
    taps.add_polite("/feed/polite");
    TestServer server(taps.handler(), settings);
    auto polite = server.client();
    auto silent = server.client();
    polite.send("GET /feed/polite HTTP/1.1\r\nHost: test\r\n\r\n");
    silent.send("GET /feed/silent HTTP/1.1\r\nHost: test\r\n\r\n");
    polite.receive();
    silent.receive();
    await_that([&] { return taps["/feed/polite"].waits && taps["/feed/silent"].waits; });
    auto stopped = std::async(std::launch::async, [&] { return server.stop(seconds(RawClient::wait_seconds_max)); });
    EXPECT_EQ(polite.receive_bytes(100), "a\r\nuntil here\r\n0\r\n\r\n");
    EXPECT_EQ(silent.receive_bytes(100), "0\r\n\r\n");
    {
        const auto ended = std::move(polite);
        const auto other = std::move(silent);
    }
    EXPECT_EQ(stopped.get(), 0u);
}

TEST(HttpPiecesEnds, EndsAnAnswerThatBeginsWhileTheServerStops) {
    Gate gate;
    auto tap = std::make_shared<Tap>(Tap::OnStop::says_so);
    TestServer server([&](HttpRequest) -> asio::awaitable<HttpResponse> {
        co_await gate.wait();
        co_return pieces_response(std::make_shared<TapSource>(tap));
    });
    std::optional<RawClient> client(server.client());
    client->send(get_feed);
    gate.await_arrivals(1);
    auto stopped = std::async(std::launch::async, [&] { return server.stop(seconds(RawClient::wait_seconds_max)); });
    await_that([&] {
        try {
            server.client();
            return false;
        } catch (const std::runtime_error&) {
            return true;  // The port is closed: draining has begun.
        }
    });
    gate.open();
    EXPECT_EQ(client->receive().value().header("connection"), "close");
    EXPECT_EQ(client->until_closed(), "a\r\nuntil here\r\n0\r\n\r\n");
    client.reset();
    EXPECT_EQ(stopped.get(), 0u);
}

TEST(HttpPiecesEnds, CutsASlowReaderSoonWhenTheServerStops) {
    auto settings = test_settings();
    settings.timeouts.write = std::chrono::minutes(10);
    settings.timeouts.linger = shortly;
    const auto budget = settings.answers_bytes = std::make_shared<ByteBudget>(std::size_t{1} << 30);
    Taps taps;
    TestServer server(taps.handler(), settings);
    auto slow = RawClient::tcp(server.server().port(), 4'096);
    slow.send(get_feed);
    taps["/feed"].give_always(std::string(piece_bytes, 'x'));
    await_that([&, asked = std::size_t{0}]() mutable {
        server.get("/beside");
        return asked == std::exchange(asked, taps["/feed"].asked) && budget->held() > 0;
    });
    EXPECT_EQ(server.stop(seconds(RawClient::wait_seconds_max)), 0u);
    EXPECT_TRUE(taps["/feed"].was_stopped);
    EXPECT_TRUE(taps["/feed"].is_destroyed);
}

TEST(HttpPiecesEnds, ClosesTheConnectionOfASourceThatIgnoresItsCancellation) {
    auto settings = test_settings();
    settings.timeouts.linger = shortly;
    StubbornSource::Knob knob;
    TestServer server([&](HttpRequest) { return respond(pieces_response(std::make_shared<StubbornSource>(knob))); },
                      settings);
    auto client = server.client();
    client.send(get_feed);
    client.receive();
    await_that([&] { return knob.is_asked.load(); });
    EXPECT_EQ(server.stop(shortly), 1u);  // It is still at work.
    EXPECT_TRUE(client.closed());
    knob.let_go();
    await_that([&] { return server.server().connections() == 0; });
}

}  // namespace
}  // namespace productd
