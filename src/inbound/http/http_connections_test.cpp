// Who gets a connection when there are as many as allowed.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "inbound/http/http_fixture.hpp"

namespace productd {
namespace {

using testing::HasSubstr;

TEST(HttpConnections, LetsThoseAboveTheNumberAllowedWaitTheirTurnWhileAllHaveWork) {
    auto settings = test_settings();
    settings.limits.connections_max = 2;
    TestServer server(&echo, settings);
    std::optional<RawClient> first(server.client());
    auto second = server.client();
    for (auto* client : {&*first, &second}) {
        client->send("GET / HTTP/1.1\r\nHost: test\r\n\r\nGET / HT");  // The second request is under way.
        EXPECT_EQ(client->receive().value().status, 200u);
    }
    auto third = server.client();
    third.send("GET /third HTTP/1.1\r\nHost: test\r\n\r\n");
    second.send("TP/1.1\r\nHost: test\r\n\r\nGET / HT");
    EXPECT_EQ(second.receive().value().status, 200u);
    EXPECT_EQ(server.server().connections(), 2u);
    first.reset();
    EXPECT_EQ(third.receive().value().body, "GET /third ");
    EXPECT_THAT(server.metrics().text(), HasSubstr(R"(rejected_total{listener="api",reason="connections"})"));
}

TEST(HttpConnections, ClosesTheLongestIdleConnectionForANewClient) {
    auto settings = test_settings();
    settings.limits.connections_max = 3;
    // One loop: with two, a client may have its answer before its connection counts as idle, and another's has since.
    TestServer server(&echo, settings, 1);
    const auto get = [](RawClient& client) {
        client.send("GET / HTTP/1.1\r\nHost: test\r\n\r\n");
        return client.receive().value().status;
    };
    auto first = server.client();
    auto second = server.client();
    auto third = server.client();
    for (auto* client : {&first, &second, &third, &first}) EXPECT_EQ(get(*client), 200u);
    auto fourth = server.client();
    EXPECT_EQ(get(fourth), 200u);
    EXPECT_TRUE(second.closed());
    for (auto* client : {&first, &third, &fourth}) EXPECT_EQ(get(*client), 200u);
    EXPECT_THAT(server.metrics().text(), HasSubstr(R"(rejected_total{listener="api",reason="idle"} 1)"));
}

TEST(HttpConnections, ServesNewClientsThoughSilentOnesHaveEveryConnection) {
    TestTls tls;
    auto settings = tls_settings(tls);
    settings.limits.connections_max = 4;
    TestServer server(&echo, settings);
    std::deque<RawClient> silent;
    for (int i = 0; i < 4; ++i) silent.push_back(server.client());  // They never begin the handshake.
    for (int i = 0; i < 8; ++i) {
        auto client = server.tls_client();
        client.send("GET / HTTP/1.1\r\nHost: test\r\n\r\n");
        EXPECT_EQ(client.receive().value().status, 200u);
    }
}

TEST(HttpConnections, RefusesMoreOfAnAddressThatHasItsShareOnceConnectionsAreFew) {
    auto settings = test_settings();
    settings.limits.connections_max = 8;
    settings.limits.connections_per_address_max = 2;
    TestServer server(&echo, settings);
    std::deque<RawClient> busy;
    for (int i = 0; i < 7; ++i) {
        busy.push_back(server.client());
        busy.back().send("GET / HTTP/1.1\r\nHost: test\r\n\r\nGET / HT");
        EXPECT_EQ(busy.back().receive().value().status, 200u);
    }
    EXPECT_TRUE(server.client().closed());
    auto other = RawClient::tcp(server.server().port(), 0, "127.0.0.2");
    other.send("GET / HTTP/1.1\r\nHost: test\r\n\r\n");
    EXPECT_EQ(other.receive().value().status, 200u);
    EXPECT_THAT(server.metrics().text(), HasSubstr(R"(rejected_total{listener="api",reason="address"} 1)"));
}

}  // namespace
}  // namespace productd
