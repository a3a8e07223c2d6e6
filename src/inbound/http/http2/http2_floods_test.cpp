// Clients that send frames which ask for nothing, as many as they can.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>

#include "async/byte_budget.hpp"
#include "inbound/http/http2/http2_fixture.hpp"

namespace productd {
namespace {

using testing::HasSubstr;
using Then = Http2Client::Then;

struct Flood {
    const char* name;
    std::function<bool(Http2Client&, int)> frame;
};

class Http2Floods : public testing::TestWithParam<Flood> {};

TEST_P(Http2Floods, EndTheConnectionAndAreCounted) {
    constexpr int frames_max = 100'000;
    Http2TestServer test(&echo);
    auto client = test.client();
    for (int sent = 0; sent < frames_max && GetParam().frame(client, sent); ++sent) {
    }
    client.until_closed();
    EXPECT_THAT(test.server.metrics().text(), HasSubstr(R"(rejected_total{listener="api",reason="http2_)"));
    auto other = test.client();
    EXPECT_EQ(other.get("/").status, "200");
}

/// The request's header in HPACK's static table: GET, https, /.
constexpr std::string_view get_header = "\x82\x87\x84";

INSTANTIATE_TEST_SUITE_P(
    , Http2Floods,
    testing::Values(Flood{"Pings", [](auto& client, int) { return client.send_frame(NGHTTP2_PING, 0, 0, "12345678"); }},
                    Flood{"Settings", [](auto& client, int) { return client.send_frame(NGHTTP2_SETTINGS, 0, 0, ""); }},
                    Flood{"Resets",
                          [](auto& client, int at) {
                              const auto header = NGHTTP2_FLAG_END_HEADERS;
                              return client.send_frame(NGHTTP2_HEADERS, header, 2 * at + 1, get_header) &&
                                     client.send_frame(NGHTTP2_RST_STREAM, 0, 2 * at + 1,
                                                       std::string_view("\0\0\0\x08", 4));
                          }},
                    Flood{"EmptyData",
                          [](auto& client, int at) {
                              if (at == 0) client.request("POST", "/", {}, Then::more);
                              return client.send_frame(NGHTTP2_DATA, 0, 1, "");
                          }},
                    Flood{"Priorities",
                          [](auto& client, int at) {
                              return client.send_frame(NGHTTP2_PRIORITY, 0, 2 * at + 1,
                                                       std::string_view("\0\0\0\0\x01", 5));
                          }},
                    Flood{"Windows",
                          [](auto& client, int) {
                              return client.send_frame(NGHTTP2_WINDOW_UPDATE, 0, 0, std::string_view("\0\0\0\x01", 4));
                          }},
                    Flood{"DataOfClosedStreams",
                          [](auto& client, int at) {
                              if (at == 0) client.get("/");
                              return client.send_frame(NGHTTP2_DATA, 0, 1, "");
                          }},
                    Flood{"UnknownFrames", [](auto& client, int) { return client.send_frame(0xfa, 0, 0, "x"); }}),
    [](const auto& tested) { return std::string(tested.param.name); });

TEST(Http2Flood, ResetsAHeaderThatATableMakesLarge) {
    auto settings = test_settings();
    settings.limits.header_bytes_max = 100'000;
    Http2TestServer test(&echo, settings);
    auto client = test.client();
    // A literal of 4,000 bytes into the table, then its index of one byte, again and again.
    std::string header(get_header);
    header += std::string(
                  "\x40\x01"
                  "a\x7f\xa1\x1e",
                  6) +
              std::string(4'000, 'x');
    header += std::string(10'000, '\xbe');
    client.send_frame(NGHTTP2_HEADERS, NGHTTP2_FLAG_END_STREAM | NGHTTP2_FLAG_END_HEADERS, 1, header);
    const auto id = client.request("GET", "/");  // The client's own count begins at 1, too.
    while (!client.so_far(id).closed && client.receive()) {
    }
    EXPECT_TRUE(client.so_far(id).closed);
    EXPECT_THAT(test.server.metrics().text(), testing::Not(HasSubstr("status=\"200\"")));
}

TEST(Http2Flood, EndsAConnectionThatContinuesAHeaderWithoutEnd) {
    Http2TestServer test(&echo);
    auto client = test.client();
    client.send_frame(NGHTTP2_HEADERS, NGHTTP2_FLAG_END_STREAM, 1, get_header);
    for (int sent = 0; sent < 100'000 && client.send_frame(NGHTTP2_CONTINUATION, 0, 1, ""); ++sent) {
    }
    client.until_closed();
    EXPECT_THAT(test.server.metrics().text(), HasSubstr(R"(listener="api",reason="http2_)"));
}

TEST(Http2Unsent, HoldsWhatAnswersOccupyUntilTheyAreReadAndGivesSmallOnesAllTheSame) {
    const std::string large(100'000, 'x');
    auto settings = test_settings();
    const auto budget = settings.answers_bytes = std::make_shared<ByteBudget>(150'000);
    Http2TestServer test(
        [&large](HttpRequest request) { return respond(text_response(request.target == "/large" ? large : "small")); },
        settings);
    auto client = test.client(0);
    const auto unread = client.request("GET", "/large");
    while (budget->held() < large.size()) std::this_thread::yield();
    auto other = test.client();
    EXPECT_EQ(other.get("/large").status, "503");
    EXPECT_EQ(other.get("/small").body, "small");
    client.open_window(unread, 1 << 30);
    EXPECT_EQ(client.answer(unread).body.size(), large.size());
    const auto reset = client.request("GET", "/large");
    while (budget->held() < large.size()) std::this_thread::yield();
    client.reset(reset);
    while (budget->held() > 0) std::this_thread::yield();
    EXPECT_EQ(other.get("/large").body.size(), large.size());
    while (budget->held() > 0) std::this_thread::yield();
}

}  // namespace
}  // namespace productd
