// The certificate: made once, found again, renewed, and refused when its files are not a pair.
#include "runtime/certificate/certificate.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <fstream>

#include "fakes/temp_folder.hpp"

namespace productd {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::HasSubstr;

class CertificateTest : public testing::Test {
protected:
    CertificateTest() {
        config_.data.dir = folder_ / "data";
        // The test's own working folder may have an ssl folder; nothing of it must count.
        std::filesystem::create_directory(folder_.path() / "work");
        before_ = std::filesystem::current_path();
        std::filesystem::current_path(folder_ / "work");
    }
    ~CertificateTest() override { std::filesystem::current_path(before_); }

    void make(const std::string& cert, const std::string& key) const {
        const auto made = make_certificate(cert, key, now_);
        ASSERT_TRUE(made) << made.error().detail;
    }

    std::string error_with(const Config& config) const {
        const auto found = certificate_for(config, now_);
        return found ? "no error" : found.error().detail;
    }

    TempFolder folder_;
    std::filesystem::path before_;
    Config config_;
    std::chrono::system_clock::time_point now_ = std::chrono::system_clock::now();
};

TEST_F(CertificateTest, IsMadeForLocalhostWhenThereIsNone) {
    EXPECT_EQ(existing_certificate(config_).error().code, Errc::not_found);
    const auto made = certificate_for(config_, now_);
    ASSERT_TRUE(made) << made.error().detail;
    EXPECT_TRUE(made->made_here);
    EXPECT_THAT(made->names, ElementsAre("DNS:localhost", "IP:127.0.0.1", "IP:::1"));
    EXPECT_THAT(made->fingerprint, testing::MatchesRegex("([0-9A-F][0-9A-F]:)+[0-9A-F][0-9A-F]"));
    EXPECT_EQ(made->fingerprint.size(), 32u * 3 - 1);
    EXPECT_LE(made->not_before, now_);
    EXPECT_GE(made->not_after, now_ + 24h * 364);
    EXPECT_EQ(made->cert_file, folder_ / "data/tls/server.crt");

    struct stat status{};
    ASSERT_EQ(::stat(made->key_file.c_str(), &status), 0);
    EXPECT_EQ(status.st_mode & 0777, 0600u);
    ASSERT_EQ(::stat(made->key_file.parent_path().c_str(), &status), 0);
    EXPECT_EQ(status.st_mode & 0777, 0700u);
}

TEST_F(CertificateTest, IsTheSameAtTheNextStart) {
    const auto first = certificate_for(config_, now_);
    const auto second = certificate_for(config_, now_ + 24h * 300);
    ASSERT_TRUE(first && second);
    EXPECT_EQ(first->fingerprint, second->fingerprint);
}

TEST_F(CertificateTest, IsRenewedBeforeItEnds) {
    const auto first = certificate_for(config_, now_ - 24h * 360);
    const auto second = certificate_for(config_, now_);
    ASSERT_TRUE(first && second);
    EXPECT_NE(first->fingerprint, second->fingerprint);
    EXPECT_GE(second->not_after, now_ + 24h * 364);
}

TEST_F(CertificateTest, IsMadeAnewAfterACrashBetweenItsTwoFiles) {
    ASSERT_TRUE(certificate_for(config_, now_));
    std::filesystem::remove(folder_ / "data/tls/server.crt");
    const auto again = certificate_for(config_, now_);
    ASSERT_TRUE(again) << again.error().detail;
    EXPECT_TRUE(again->made_here);
}

TEST_F(CertificateTest, ComesFromTheWorkingFolderWhenItIsThere) {
    make("ssl/server.crt", "ssl/server.pem");
    const auto found = certificate_for(config_, now_);
    ASSERT_TRUE(found) << found.error().detail;
    EXPECT_FALSE(found->made_here);
    EXPECT_EQ(found->cert_file, "ssl/server.crt");
    EXPECT_FALSE(std::filesystem::exists(folder_ / "data/tls"));
}

TEST_F(CertificateTest, SaysWhichOfTwoFilesIsMissing) {
    make("ssl/server.crt", "ssl/server.pem");
    std::filesystem::remove("ssl/server.pem");
    EXPECT_EQ(error_with(config_), "ssl/server.pem is missing; put it there, or set Tls.KeyFile.");
    make("ssl/server.crt", "ssl/server.pem");
    std::filesystem::remove("ssl/server.crt");
    EXPECT_EQ(error_with(config_), "ssl/server.crt is missing; put it there, or set Tls.CertFile.");
}

TEST_F(CertificateTest, IsNeverMadeInPlaceOfOneThatWasConfigured) {
    config_.tls.cert_file = "mine.crt";
    EXPECT_EQ(error_with(config_), "mine.crt is missing; put it there, or set Tls.CertFile.");
    EXPECT_FALSE(std::filesystem::exists(folder_ / "data"));
}

TEST_F(CertificateTest, IsRefusedWithAKeyOfAnother) {
    make("ssl/server.crt", "ssl/server.pem");
    make("other.crt", "other.pem");
    config_.tls.key_file = "other.pem";
    EXPECT_THAT(error_with(config_),
                HasSubstr("The key in other.pem does not belong to the certificate in ssl/server.crt"));
}

TEST_F(CertificateTest, IsRefusedWhenAFileIsNotPem) {
    make("ssl/server.crt", "ssl/server.pem");
    std::ofstream("ssl/server.pem") << "not a key\n";
    EXPECT_THAT(error_with(config_), HasSubstr("ssl/server.pem holds no private key"));
    std::ofstream("ssl/server.crt") << std::string(1'000, '\0');
    EXPECT_THAT(error_with(config_), HasSubstr("ssl/server.crt holds no certificate"));
}

TEST_F(CertificateTest, SaysHowToReplaceTheOneMadeHereWhenItIsDamaged) {
    const auto made = certificate_for(config_, now_);
    ASSERT_TRUE(made);
    std::ofstream(made->cert_file) << "torn";
    EXPECT_THAT(error_with(config_), HasSubstr("to have a new one made"));
}

TEST_F(CertificateTest, SaysThatTheDataFolderCannotBeWritten) {
    config_.data.dir = "/proc/none";
    EXPECT_THAT(error_with(config_), testing::AllOf(HasSubstr("/proc/none/tls"), HasSubstr("check Data.Dir")));
}

}  // namespace
}  // namespace productd
