// Every way an answer of pieces ends over HTTP/2 before its source does.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "async/byte_budget.hpp"
#include "fakes/log_lines.hpp"
#include "inbound/http/http2/http2_fixture.hpp"
#include "inbound/http/http_pieces_fixture.hpp"

namespace productd {
namespace {

using std::chrono::seconds;
using testing::Each;
using testing::HasSubstr;

constexpr auto cancelled = static_cast<std::uint32_t>(NGHTTP2_CANCEL);

TEST(Http2PiecesEnds, ResetsASlowReaderAndGoesOnWithOthers) {
    auto settings = test_settings();
    settings.timeouts.write = shortly;
    settings.exchange.access_log = AccessLog::failures;
    const auto budget = settings.answers_bytes = std::make_shared<ByteBudget>(1024 * 1024);
    Taps taps;
    Http2TestServer test(taps.handler(), settings);
    const auto lines = test::log_lines([&] {
        auto client = test.client(0);
        const auto slow = client.request("GET", "/feed/slow");
        const auto quiet = client.request("GET", "/feed/quiet");
        taps["/feed/slow"].give(std::string(100'000, 'x'));
        EXPECT_EQ(client.reset_code(slow), cancelled);
        await_that([&] { return taps["/feed/slow"].is_destroyed.load(); });
        client.open_window(quiet, 1'000);
        taps["/feed/quiet"].give("a");
        client.await_body(quiet, 1);
    });
    EXPECT_EQ(taps["/feed/slow"].asked, 1u);
    EXPECT_THAT(test.server.metrics().text(), HasSubstr(R"(timeouts_total{listener="api",phase="write"} 1)"));
    await_that([&] { return budget->held() == 0; });
    ASSERT_EQ(lines.size(), 1u);
    EXPECT_THAT(lines[0], HasSubstr(R"("stream":"slow")"));
}

TEST(Http2PiecesEnds, BoundsWhatIsMadeForAClientThatReadsNothingAndCutsIt) {
    auto settings = test_settings();
    settings.timeouts.write = shortly;
    Taps taps;
    const std::string piece(16 * 1024, 'x');
    taps["/feed"].give_always(piece);
    Http2TestServer test(taps.handler(), settings);
    auto client = test.client();
    client.request("GET", "/feed");
    await_that([&] { return taps["/feed"].is_destroyed.load(); });
    EXPECT_LT(taps["/feed"].given * piece.size(), 64u * 1024 * 1024);
    EXPECT_THAT(test.server.metrics().text(), HasSubstr(R"(timeouts_total{listener="api",phase="write"} 1)"));
}

TEST(Http2PiecesEnds, CancelsTheSourceOfAStreamThatIsResetAndOfAConnectionThatIsGone) {
    Taps taps;
    Http2TestServer test(taps.handler());
    {
        auto client = test.client();
        const auto id = client.request("GET", "/feed/reset");
        client.request("GET", "/feed/gone");
        await_that([&] { return taps["/feed/reset"].waits && taps["/feed/gone"].waits; });
        client.reset(id);
        await_that([&] { return taps["/feed/reset"].is_destroyed.load(); });
        EXPECT_EQ(client.get("/beside").status, "200");
        EXPECT_FALSE(taps["/feed/gone"].is_destroyed);
    }
    await_that([&] { return taps["/feed/gone"].is_destroyed.load(); });
    await_that([&] { return test.server.server().connections() == 0; });
}

TEST(Http2PiecesEnds, CancelsASourceWhosePieceIsNotTakenWhenItsStreamIsReset) {
    Taps taps;
    Http2TestServer test(taps.handler());
    auto client = test.client(0);
    const auto id = client.request("GET", "/feed");
    taps["/feed"].give("a");
    await_that([&] { return taps["/feed"].given == 1; });
    client.reset(id);
    await_that([&] { return taps["/feed"].is_destroyed.load(); });
    EXPECT_EQ(taps["/feed"].asked, 1u);
}

TEST(Http2PiecesEnds, ResetsAndLogsOnceWhatASourceThrows) {
    Taps taps;
    Http2TestServer test(taps.handler());
    const auto lines = test::log_lines([&] {
        auto client = test.client();
        const auto id = client.request("GET", "/feed");
        taps["/feed"].give("a");
        client.await_body(id, 1);
        taps["/feed"].fail();
        EXPECT_EQ(client.reset_code(id), static_cast<std::uint32_t>(NGHTTP2_INTERNAL_ERROR));
        EXPECT_EQ(client.get("/beside").status, "200");
    });
    ASSERT_EQ(lines.size(), 1u);
    EXPECT_THAT(lines[0], HasSubstr(R"("error":"secret detail")"));
}

TEST(Http2PiecesEnds, ResetsAStreamWhosePieceHasNoRoom) {
    auto settings = test_settings();
    settings.answers_bytes = std::make_shared<ByteBudget>(50'000);
    Taps taps;
    Http2TestServer test(taps.handler(), settings);
    auto client = test.client();
    const auto id = client.request("GET", "/feed");
    taps["/feed"].give(std::string(100'000, 'x'));
    EXPECT_EQ(client.reset_code(id), cancelled);
    EXPECT_THAT(test.server.metrics().text(), HasSubstr(R"(reason="answers_bytes"} 1)"));
}

TEST(Http2PiecesEnds, LetsASourceSayWhereItStandsWhenTheServerStops) {
    auto settings = test_settings();
    settings.timeouts.linger = settings.timeouts.write = std::chrono::minutes(10);  // Nothing waits for them.
    Taps taps;
    taps.add_polite("/feed/polite");
    Http2TestServer test(taps.handler(), settings);
    std::optional<Http2Client> client;
    client.emplace(test.server.server().port());  // It must not move.
    const auto polite = client->request("GET", "/feed/polite");
    const auto silent = client->request("GET", "/feed/silent");
    await_that([&] { return taps["/feed/polite"].waits && taps["/feed/silent"].waits; });
    auto stopped =
        std::async(std::launch::async, [&] { return test.server.stop(seconds(RawClient::wait_seconds_max)); });
    EXPECT_EQ(client->goaway(), static_cast<std::uint32_t>(NGHTTP2_NO_ERROR));
    EXPECT_EQ(client->answer(polite).body, Tap::last_words);
    EXPECT_TRUE(client->answer(silent).is_whole);
    while (client->receive()) {  // It answers the ping.
    }
    client.reset();
    EXPECT_EQ(stopped.get(), 0u);
}

TEST(Http2PiecesEnds, ResetsOneWhoseWindowIsClosedSoonWhenTheServerStops) {
    auto settings = test_settings();
    settings.timeouts.write = std::chrono::minutes(10);
    settings.timeouts.linger = shortly;
    Taps taps;
    Http2TestServer test(taps.handler(), settings);
    auto client = test.client(0);
    const auto id = client.request("GET", "/feed");
    taps["/feed"].give("a");
    await_that([&] { return taps["/feed"].given == 1; });
    auto stopped =
        std::async(std::launch::async, [&] { return test.server.stop(seconds(RawClient::wait_seconds_max)); });
    EXPECT_EQ(client.reset_code(id), cancelled);
    EXPECT_EQ(stopped.get(), 0u);
    EXPECT_THAT(client.goaways(), Each(static_cast<std::uint32_t>(NGHTTP2_NO_ERROR)));
}

TEST(Http2PiecesEnds, CountsASourceThatIgnoresItsCancellationAmongTheStreams) {
    auto settings = test_settings();
    settings.limits.streams_max = 1;
    StubbornSource::Knob knob;
    Http2TestServer test([&](HttpRequest) { return respond(pieces_response(std::make_shared<StubbornSource>(knob))); },
                         settings);
    auto client = test.client();
    const auto id = client.request("GET", "/feed");
    await_that([&] { return knob.is_asked.load(); });
    client.reset(id);
    EXPECT_EQ(client.reset_code(client.request("GET", "/feed")), static_cast<std::uint32_t>(NGHTTP2_REFUSED_STREAM));
    knob.let_go();
}

}  // namespace
}  // namespace productd
