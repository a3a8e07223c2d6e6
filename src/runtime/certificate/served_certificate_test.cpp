#include "runtime/certificate/served_certificate.hpp"

#include <gtest/gtest.h>

#include <fstream>

#include "fakes/temp_folder.hpp"
#include "fakes/test_certificate.hpp"

namespace productd {
namespace {

using namespace std::chrono_literals;

class ServedCertificateTest : public testing::Test {
protected:
    ServedCertificateTest() { config_.data.dir = folder_ / "data"; }

    TempFolder folder_;
    Config config_;
    ServedCertificate served_;
    std::chrono::system_clock::time_point now_ = std::chrono::system_clock::now();
};

TEST_F(ServedCertificateTest, IsRenewedBeforeItEndsWhileItIsShown) {
    // Made nearly a year ago; at the start, a hundred days ago, it was good for long.
    ASSERT_TRUE(make_certificate(folder_ / "data/tls/server.crt", folder_ / "data/tls/server.pem", now_ - 24h * 360));
    ASSERT_TRUE(served_.load(config_, now_ - 24h * 100));
    const auto old = served_.current();
    const auto shown = served_.tls()->current();
    EXPECT_FALSE(served_.renew_if_due(now_ - 24h * 50));
    EXPECT_EQ(served_.tls()->current(), shown);

    EXPECT_TRUE(served_.renew_if_due(now_));
    EXPECT_NE(served_.current().fingerprint, old.fingerprint);
    EXPECT_GE(served_.current().not_after, now_ + 24h * 364);
    EXPECT_NE(served_.tls()->current(), shown);
    EXPECT_FALSE(served_.renew_if_due(now_));
}

TEST_F(ServedCertificateTest, StaysWhenTheNewOneIsExpiredAndIsNeverMadeInPlaceOfOneThatWasConfigured) {
    config_.tls.cert_file = folder_ / "server.crt";
    config_.tls.key_file = folder_ / "server.pem";
    TestCertificate::make("first").save(config_.tls.cert_file, config_.tls.key_file);
    ASSERT_TRUE(served_.load(config_, now_));
    const auto shown = served_.tls()->current();
    const auto fingerprint = served_.current().fingerprint;
    EXPECT_FALSE(served_.renew_if_due(now_ + 24h * 365));

    TestCertificate::make("expired", -7'200, -3'600).save(config_.tls.cert_file, config_.tls.key_file);
    served_.reload();
    EXPECT_EQ(served_.tls()->current(), shown);
    EXPECT_EQ(served_.current().fingerprint, fingerprint);

    TestCertificate::make("second").save(config_.tls.cert_file, config_.tls.key_file);
    served_.reload();
    EXPECT_NE(served_.tls()->current(), shown);
    EXPECT_NE(served_.current().fingerprint, fingerprint);
}

}  // namespace
}  // namespace productd
