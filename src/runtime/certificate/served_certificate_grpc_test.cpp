// A certificate that only one of both servers can show.
#include "inbound/grpc/grpc_fixture.hpp"
#include "runtime/certificate/served_certificate.hpp"

namespace productd {
namespace {

class ServedCertificateGrpcTest : public GrpcFixture {
protected:
    ServedCertificateGrpcTest() {
        config_.data.dir = folder / "data";
        config_.tls.cert_file = folder / "http.crt";
        config_.tls.key_file = folder / "http.pem";
        for_http(certificate);
        EXPECT_TRUE(served_.load(config_, std::chrono::system_clock::now()));
        client();
        served_.show_on(*server);
    }
    void for_http(const TestCertificate& shown) { shown.save(config_.tls.cert_file, config_.tls.key_file); }
    void for_grpc(const TestCertificate& shown) { shown.save(folder / "server.crt", folder / "server.pem"); }
    /// By a client that connects anew.
    bool grpc_shows(const TestCertificate& shown) {
        trusted = shown.certificate;
        return get(*client(), unknown_id).error_code() == grpc::StatusCode::NOT_FOUND;
    }

    Config config_;
    ServedCertificate served_;
    TestCertificate second_ = TestCertificate::make("second");
    TestCertificate expired_ = TestCertificate::make("expired", -7'200, -3'600);
};

TEST_F(ServedCertificateGrpcTest, WhatOnlyOneServerCanShowIsShownByNeither) {
    const auto shown = served_.tls()->current();
    for_http(second_);
    for_grpc(expired_);
    served_.reload();
    EXPECT_EQ(served_.tls()->current(), shown);
    EXPECT_TRUE(grpc_shows(certificate));

    for_http(expired_);
    for_grpc(second_);
    served_.reload();
    EXPECT_EQ(served_.tls()->current(), shown);
    EXPECT_TRUE(grpc_shows(certificate));

    for_http(second_);
    served_.reload();
    EXPECT_NE(served_.tls()->current(), shown);
    EXPECT_TRUE(grpc_shows(second_));
}

}  // namespace
}  // namespace productd
