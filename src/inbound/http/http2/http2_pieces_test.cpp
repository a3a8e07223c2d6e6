// Answers of pieces as clients of HTTP/2 meet them, beside others.
#include <gtest/gtest.h>

#include "inbound/http/http2/http2_fixture.hpp"
#include "inbound/http/http_pieces_fixture.hpp"

namespace productd {
namespace {

void await_header(Http2Client& client, std::int32_t id) {
    while (client.so_far(id).headers.empty()) {
        if (!client.receive()) throw std::runtime_error("No header came.");
    }
}

TEST(Http2Pieces, SendsEachPieceWhenItIsMadeBesideOtherAnswers) {
    Taps taps;
    Http2TestServer test(taps.handler());
    auto client = test.client();
    const auto id = client.request("GET", "/feed");
    await_header(client, id);
    EXPECT_EQ(client.so_far(id).status, "200");
    EXPECT_EQ(client.so_far(id).header("content-type"), "text/event-stream");
    EXPECT_EQ(client.so_far(id).headers.count("content-length"), 0u);
    auto& tap = taps["/feed"];
    std::string all;
    for (const std::string piece : {"a", "", "bc"}) {
        tap.give(piece);
        all += piece;
        client.await_body(id, all.size());
        EXPECT_EQ(client.get("/beside").body, "/beside");
        EXPECT_EQ(client.so_far(id).body, all);
    }
    EXPECT_FALSE(client.so_far(id).is_whole);
    tap.close();
    EXPECT_EQ(client.answer(id).body, "abc");
    EXPECT_TRUE(client.so_far(id).is_whole);
    await_that([&] { return tap.is_destroyed.load(); });
}

TEST(Http2Pieces, SendsAPieceMuchLargerThanAFrameAndThenTheNext) {
    Taps taps;
    Http2TestServer test(taps.handler());
    auto client = test.client();
    const auto id = client.request("GET", "/feed");
    const std::string large(1'000'000, 'x');
    taps["/feed"].give(large);
    taps["/feed"].give("end");
    taps["/feed"].close();
    EXPECT_TRUE(client.answer(id).body == large + "end");
}

TEST(Http2Pieces, AnswersHeadWithTheHeaderAndDoesNotAskTheSource) {
    Taps taps;
    Http2TestServer test(taps.handler());
    auto client = test.client();
    const auto answer = client.answer(client.request("HEAD", "/feed"));
    EXPECT_EQ(answer.status, "200");
    EXPECT_EQ(answer.headers.count("content-length"), 0u);
    EXPECT_EQ(client.get("/beside").status, "200");
    await_that([&] { return taps["/feed"].is_destroyed.load(); });
    EXPECT_EQ(taps["/feed"].asked, 0u);
}

TEST(Http2Pieces, AsksForNoMoreThanOnePieceWhileTheWindowIsClosedAndHoldsUpNobodyElse) {
    Taps taps;
    Http2TestServer test(taps.handler());
    auto client = test.client(0);
    const auto blocked = client.request("GET", "/feed/blocked");
    for (const std::string piece : {"a", "b", "c"}) taps["/feed/blocked"].give(piece);
    const auto open = client.request("GET", "/feed/open");
    client.open_window(open, 1'000);
    for (std::size_t each = 1; each <= 10; ++each) {
        taps["/feed/open"].give("x");
        client.await_body(open, each);
    }
    EXPECT_EQ(taps["/feed/blocked"].asked, 1u);
    client.open_window(blocked, 2);
    client.await_body(blocked, 2);
    EXPECT_EQ(client.so_far(blocked).body, "ab");
    client.open_window(blocked, 1);
    client.await_body(blocked, 3);
}

TEST(Http2Pieces, AThousandOfBothVersionsGoOnAtOnce) {
    constexpr int connections = 9;
    constexpr int streams = 100;
    constexpr int of_http1 = 100;
    Taps taps;
    Http2TestServer test(taps.handler());
    const auto target = [](int number) { return "/feed/" + std::to_string(number); };
    std::deque<Http2Client> clients;
    std::deque<RawClient> others;
    for (int each = 0; each < connections; ++each) {
        clients.emplace_back(test.server.server().port());
        for (int stream = 0; stream < streams; ++stream) clients.back().request("GET", target(each * streams + stream));
    }
    for (int each = 0; each < of_http1; ++each) {
        others.push_back(test.server.tls_client());
        others.back().send("GET " + target(connections * streams + each) + " HTTP/1.1\r\nHost: test\r\n\r\n");
        others.back().receive();
    }
    const int all = connections * streams + of_http1;
    for (int each = 0; each < all; ++each) await_that([&] { return taps[target(each)].waits.load(); });
    for (int round = 1; round <= 3; ++round) {
        for (int each = 0; each < all; ++each) taps[target(each)].give("x");
        for (auto& client : clients) {
            for (int stream = 0; stream < streams; ++stream) {
                client.await_body(2 * stream + 1, static_cast<std::size_t>(round));
            }
        }
        for (auto& client : others) EXPECT_EQ(client.receive_bytes(6), "1\r\nx\r\n");
    }
    clients.clear();
    others.clear();
    for (int each = 0; each < all; ++each) await_that([&] { return taps[target(each)].is_destroyed.load(); });
}

}  // namespace
}  // namespace productd
