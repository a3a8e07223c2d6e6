// HTTPS as clients meet it.
#include <gtest/gtest.h>

#include <fstream>

#include "inbound/http/http_fixture.hpp"

namespace productd {
namespace {

RawResponse ask(RawClient& client) {
    client.send("GET / HTTP/1.1\r\nHost: test\r\n\r\n");
    return client.receive().value();
}

TEST(HttpTls, ServesTls12AndTls13AndNothingOlder) {
    TestTls tls;
    TestServer server(&echo, tls_settings(tls));
    for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
        auto client = RawClient::tls(server.server().port(), {}, version);
        EXPECT_EQ(ask(client).status, 200u);
    }
    EXPECT_THROW(RawClient::tls(server.server().port(), {}, TLS1_1_VERSION), std::runtime_error);
}

TEST(HttpTls, ChoosesHttp11AmongTheProtocolsOffered) {
    TestTls tls;
    TestServer server(&echo, tls_settings(tls));
    auto client = RawClient::tls(server.server().port(), "\x02h2\x08http/1.1");
    EXPECT_EQ(client.protocol(), "http/1.1");
    EXPECT_EQ(ask(client).status, 200u);
    EXPECT_THROW(RawClient::tls(server.server().port(), "\x02h2"), std::runtime_error);
}

TEST(HttpTls, ResumesSessionsUntilTheirKeyIsTooOld) {
    auto now = std::chrono::steady_clock::now();
    TestTls tls;
    tls.context =
        TlsContext::load(tls.files(), TlsContext::http1_only, std::make_shared<TlsTickets>([&now] { return now; }))
            .value();
    TestServer server(&echo, tls_settings(tls));
    for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
        const auto connect = [&](const std::shared_ptr<SSL_SESSION>& known) {
            auto client = RawClient::tls(server.server().port(), {}, version, known.get());
            EXPECT_EQ(ask(client).status, 200u);
            return client;
        };
        const auto first = connect(nullptr);
        EXPECT_FALSE(first.is_resumed());
        const auto session = first.session();
        const auto after = [&](std::chrono::seconds time) {
            now += time;
            return connect(session).is_resumed();
        };
        EXPECT_TRUE(after(std::chrono::seconds(0)));
        const auto again = connect(session);
        EXPECT_EQ(again.session() != session, version == TLS1_3_VERSION);  // Each brings the next.
        ASSERT_TRUE(tls.context->reload().has_value());
        EXPECT_TRUE(after(std::chrono::seconds(1)));
        EXPECT_TRUE(after(TlsTickets::lifetime));  // By a key that makes no more tickets.
        EXPECT_FALSE(after(TlsTickets::lifetime));
    }
}

TEST(HttpTls, UsesANewCertificateWithoutDroppingConnections) {
    TestTls tls("first");
    TestServer server(&echo, tls_settings(tls));
    auto before = server.tls_client();
    EXPECT_EQ(ask(before).status, 200u);
    tls.write("second");
    ASSERT_TRUE(tls.context->reload().has_value());
    auto after = server.tls_client();
    EXPECT_EQ(after.peer_name(), "second");
    EXPECT_EQ(before.peer_name(), "first");
    EXPECT_EQ(ask(after).status, 200u);
    EXPECT_EQ(ask(before).status, 200u);
}

TEST(HttpTls, KeepsTheOldCertificateWhenTheNewOneIsBad) {
    TestTls tls("first");
    TestServer server(&echo, tls_settings(tls));
    std::ofstream(tls.files().certificate) << "not a certificate";
    EXPECT_FALSE(tls.context->reload().has_value());
    auto client = server.tls_client();
    EXPECT_EQ(client.peer_name(), "first");
    EXPECT_EQ(ask(client).status, 200u);
}

TEST(HttpTls, TellsAPlainHttpClientToUseHttps) {
    TestTls tls;
    TestServer server(&echo, tls_settings(tls));
    auto plain = server.client();
    const auto response = ask(plain);
    EXPECT_EQ(response.status, 400u);
    EXPECT_NE(response.body.find("https://"), std::string::npos);
    EXPECT_TRUE(plain.closed());
}

TEST(HttpTls, ReadsARequestThatComesByteByByte) {
    TestTls tls;
    TestServer server(&echo, tls_settings(tls));
    auto client = server.tls_client();
    for (const char c : std::string("POST /x HTTP/1.1\r\nHost: test\r\nContent-Length: 3\r\n\r\nabc")) {
        ASSERT_TRUE(client.send({&c, 1}));
    }
    EXPECT_EQ(client.receive().value().body, "POST /x abc");
}

}  // namespace
}  // namespace productd
