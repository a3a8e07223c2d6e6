// What is wrong with certificate and key is said in one sentence that names file and setting.
#include "inbound/tls/tls_context.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

#include "fakes/temp_folder.hpp"
#include "fakes/test_certificate.hpp"

namespace productd {
namespace {

using testing::AllOf;
using testing::HasSubstr;

struct TlsContextFiles : testing::Test {
    TempFolder folder;
    TlsFiles files{.certificate = folder / "server.crt",
                   .key = folder / "server.pem",
                   .certificate_setting = "Http.certificate",
                   .key_setting = "Http.key"};

    std::string failure() const {
        auto loaded = TlsContext::load(files);
        return loaded ? "" : loaded.error().detail;
    }
};

TEST_F(TlsContextFiles, LoadsACertificateWithItsKey) {
    TestCertificate::make("a").save(files.certificate, files.key);
    const auto loaded = TlsContext::load(files);
    ASSERT_TRUE(loaded.has_value());
    EXPECT_NE((*loaded)->current(), nullptr);
}

TEST_F(TlsContextFiles, NamesAMissingFileAndItsSetting) {
    EXPECT_THAT(failure(), AllOf(HasSubstr("server.crt"), HasSubstr("No such file"), HasSubstr("Http.certificate")));
    std::ofstream(files.certificate) << TestCertificate::make("a").certificate;
    EXPECT_THAT(failure(), AllOf(HasSubstr("server.pem"), HasSubstr("No such file"), HasSubstr("Http.key")));
}

TEST_F(TlsContextFiles, NamesAFileThatCannotBeRead) {
    files.certificate = folder.path();
    EXPECT_THAT(failure(), AllOf(HasSubstr("cannot be read"), HasSubstr("Http.certificate")));
}

TEST_F(TlsContextFiles, NamesFilesThatHoldSomethingElse) {
    TestCertificate::make("a").save(files.certificate, files.key);
    std::ofstream(files.key) << "hello";
    EXPECT_THAT(failure(), AllOf(HasSubstr("no PEM key"), HasSubstr("Http.key")));
    std::ofstream(files.certificate) << "hello";
    EXPECT_THAT(failure(), AllOf(HasSubstr("no PEM certificate"), HasSubstr("Http.certificate")));
}

TEST_F(TlsContextFiles, RefusesAKeyOfAnotherCertificate) {
    TestCertificate::make("a").save(files.certificate, files.key);
    std::ofstream(files.key) << TestCertificate::make("b").private_key;
    EXPECT_THAT(failure(), AllOf(HasSubstr("does not belong"), HasSubstr("Http.key")));
}

TEST_F(TlsContextFiles, RefusesACertificateOutsideItsTime) {
    TestCertificate::make("a", -7'200, -3'600).save(files.certificate, files.key);
    EXPECT_THAT(failure(), HasSubstr("expired on"));
    TestCertificate::make("a", 3'600, 7'200).save(files.certificate, files.key);
    EXPECT_THAT(failure(), AllOf(HasSubstr("not valid before"), HasSubstr("clock")));
}

TEST_F(TlsContextFiles, RefusesAKeyWithAPassphraseInsteadOfAskingForIt) {
    TestCertificate::make("a").save(files.certificate, files.key);
    const std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)> key(EVP_EC_gen("P-256"), &EVP_PKEY_free);
    std::FILE* file = std::fopen(files.key.c_str(), "wb");
    char passphrase[] = "secret";
    PEM_write_PrivateKey(file, key.get(), EVP_aes_256_cbc(), nullptr, 0, nullptr, passphrase);
    std::fclose(file);
    EXPECT_THAT(failure(), HasSubstr("without a passphrase"));
}

TEST_F(TlsContextFiles, StaysAsItWasWhenAReloadFails) {
    TestCertificate::make("a").save(files.certificate, files.key);
    const auto context = TlsContext::load(files).value();
    const auto before = context->current();
    std::filesystem::remove(files.key);
    EXPECT_FALSE(context->reload().has_value());
    EXPECT_EQ(context->current(), before);
}

}  // namespace
}  // namespace productd
