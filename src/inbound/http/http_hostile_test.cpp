// Clients that mean harm: whatever they send, they get a sane answer or none, and everybody else is served.
#include <gtest/gtest.h>

#include <random>

#include "inbound/http/http_fixture.hpp"

namespace productd {
namespace {

TEST(HttpHostile, SurvivesRandomBytes) {
    TestTls tls;
    TestServer secure(&echo, tls_settings(tls));
    TestServer plain(&echo);
    std::mt19937 random(1);
    for (int round = 0; round < 300; ++round) {
        std::string noise(random() % 3'000 + 1, '\0');
        for (auto& byte : noise) byte = static_cast<char>(random());
        for (auto* server : {&secure, &plain}) {
            auto client = server->client();
            client.send(noise);
            client.send_end();
            const auto answer = client.until_closed();
            if (server == &plain) EXPECT_TRUE(answer.empty() || answer.starts_with("HTTP/1.1 4")) << answer;
        }
    }
    EXPECT_EQ(plain.get("/").status, 200u);
    auto client = secure.tls_client();
    client.send("GET / HTTP/1.1\r\nHost: test\r\n\r\n");
    EXPECT_EQ(client.receive().value().status, 200u);
}

TEST(HttpHostile, HandlesNothingBehindARefusedRequest) {
    std::atomic<int> handled{0};
    TestServer server([&handled](HttpRequest request) {
        ++handled;
        return echo(std::move(request));
    });
    auto client = server.client();
    client.send(
        "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n"
        "0\r\n\r\nGET /smuggled HTTP/1.1\r\nHost: a\r\n\r\n");
    EXPECT_EQ(client.receive().value().status, 400u);
    EXPECT_TRUE(client.closed());
    EXPECT_EQ(handled, 0);
}

TEST(HttpHostile, AnswersTheHttp2PrefaceWithAVersionProblem) {
    TestServer server(&echo);
    auto client = server.client();
    client.send("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n");
    const auto response = client.receive().value();
    EXPECT_EQ(response.status, 505u);
    EXPECT_NE(response.body.find("HTTP/1.1"), std::string::npos);
}

TEST(HttpHostile, ServesAClientThatClosesItsHalf) {
    TestServer server(&echo);
    auto client = server.client();
    client.send("GET /last HTTP/1.1\r\nHost: test\r\n\r\n");
    client.send_end();
    EXPECT_EQ(client.receive().value().body, "GET /last ");
    EXPECT_TRUE(client.closed());
}

TEST(HttpHostile, ForgetsClientsThatVanish) {
    TestTls tls;
    TestServer server(&echo, tls_settings(tls), 1);
    for (int round = 0; round < 50; ++round) {
        server.client();
        auto half = server.client();
        half.send("\x16\x03\x01");
        auto partial = server.tls_client();
        partial.send("POST / HTTP/1.1\r\nHost: test\r\nContent-Length: 10\r\n\r\nabc");
        auto unread = server.tls_client();
        unread.send("GET / HTTP/1.1\r\nHost: test\r\n\r\n");
    }
    auto client = server.tls_client();
    while (server.server().connections() > 1) {  // Each answer gives the server a turn to notice.
        client.send("GET / HTTP/1.1\r\nHost: test\r\n\r\n");
        ASSERT_EQ(client.receive().value().status, 200u);
    }
}

TEST(HttpHostile, AnswersManyPipelinedRequestsToAClientThatReadsLate) {
    TestServer server(&echo, test_settings(), 1);
    auto client = server.client();
    constexpr int count = 20'000;
    std::string requests;
    for (int i = 0; i < count; ++i) requests += "GET / HTTP/1.1\r\nHost: test\r\n\r\n";
    auto sending = std::async(std::launch::async, [&] { return client.send(requests); });
    int answered = 0;
    while (answered < count && client.receive()) ++answered;
    EXPECT_TRUE(sending.get());
    EXPECT_EQ(answered, count);
}

}  // namespace
}  // namespace productd
