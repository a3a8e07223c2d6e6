// Certificates for tests: self-signed, made in memory, for localhost and 127.0.0.1.
#pragma once

#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <filesystem>
#include <fstream>
#include <memory>
#include <string>

namespace productd {

struct TestCertificate {
    std::string certificate;  ///< PEM.
    std::string private_key;  ///< PEM.

    /// `name` is its common name: tells two certificates apart. The times count from now.
    static TestCertificate make(const std::string& name, long valid_from_seconds = -3'600,
                                long valid_seconds = 86'400) {
        const std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)> key(EVP_EC_gen("P-256"), EVP_PKEY_free);
        const std::unique_ptr<X509, decltype(&X509_free)> certificate(X509_new(), X509_free);
        X509_set_version(certificate.get(), X509_VERSION_3);
        ASN1_INTEGER_set(X509_get_serialNumber(certificate.get()), 1);
        X509_gmtime_adj(X509_getm_notBefore(certificate.get()), valid_from_seconds);
        X509_gmtime_adj(X509_getm_notAfter(certificate.get()), valid_seconds);
        X509_set_pubkey(certificate.get(), key.get());
        auto* subject = X509_get_subject_name(certificate.get());
        X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_UTF8, reinterpret_cast<const unsigned char*>(name.c_str()),
                                   -1, -1, 0);
        X509_set_issuer_name(certificate.get(), subject);
        const std::unique_ptr<X509_EXTENSION, decltype(&X509_EXTENSION_free)> names(
            X509V3_EXT_conf_nid(nullptr, nullptr, NID_subject_alt_name, "DNS:localhost,IP:127.0.0.1"),
            X509_EXTENSION_free);
        X509_add_ext(certificate.get(), names.get(), -1);
        X509_sign(certificate.get(), key.get(), EVP_sha256());
        return {text([&](BIO* out) { PEM_write_bio_X509(out, certificate.get()); }), text([&](BIO* out) {
                    PEM_write_bio_PrivateKey(out, key.get(), nullptr, nullptr, 0, nullptr, nullptr);
                })};
    }

    void save(const std::filesystem::path& certificate_file, const std::filesystem::path& private_key_file) const {
        std::ofstream(certificate_file, std::ios::binary | std::ios::trunc) << certificate;
        std::ofstream(private_key_file, std::ios::binary | std::ios::trunc) << private_key;
    }

private:
    static std::string text(auto write) {
        const std::unique_ptr<BIO, decltype(&BIO_free)> out(BIO_new(BIO_s_mem()), BIO_free);
        write(out.get());
        char* data = nullptr;
        const auto size = BIO_get_mem_data(out.get(), &data);
        return {data, static_cast<std::size_t>(size)};
    }
};

}  // namespace productd
