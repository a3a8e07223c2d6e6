// Makes the self-signed certificate for localhost. Calls OpenSSL.
#include <fcntl.h>
#include <fmt/format.h>
#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509v3.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <memory>
#include <string_view>

#include "runtime/certificate/certificate.hpp"

namespace productd {

namespace {

constexpr auto validity = std::chrono::days(365);
constexpr auto clock_slack = std::chrono::hours(1);  // For clients whose clock is a little behind.

struct FreeMade {
    void operator()(X509* object) const { X509_free(object); }
    void operator()(EVP_PKEY* object) const { EVP_PKEY_free(object); }
    void operator()(BIO* object) const { BIO_free(object); }
    void operator()(X509_EXTENSION* object) const { X509_EXTENSION_free(object); }
};
using MadeX509 = std::unique_ptr<X509, FreeMade>;
using MadeKey = std::unique_ptr<EVP_PKEY, FreeMade>;
using BioPtr = std::unique_ptr<BIO, FreeMade>;
using ExtensionPtr = std::unique_ptr<X509_EXTENSION, FreeMade>;

/// What a client checks: the names, and that the certificate is a server's.
constexpr std::array extensions{
    std::pair{NID_subject_alt_name, "DNS:localhost,IP:127.0.0.1,IP:::1"},
    std::pair{NID_basic_constraints, "critical,CA:FALSE"},
    std::pair{NID_key_usage, "critical,digitalSignature"},
    std::pair{NID_ext_key_usage, "serverAuth"},
};

Error failed() {
    std::array<char, 256> reason{};
    ERR_error_string_n(ERR_get_error(), reason.data(), reason.size());
    ERR_clear_error();
    return {Errc::internal,
            "The certificate for localhost could not be made; set Tls.CertFile and Tls.KeyFile.",
            {},
            reason.data()};
}

Error not_written(const std::filesystem::path& path) {
    return {Errc::failed_precondition,
            fmt::format("{} cannot be written ({}); check Data.Dir.", path.string(), std::strerror(errno))};
}

bool set_serial(X509* certificate) {
    std::array<unsigned char, 8> bytes{};
    if (RAND_bytes(bytes.data(), bytes.size()) != 1) return false;
    std::uint64_t serial = 0;
    std::memcpy(&serial, bytes.data(), bytes.size());
    return ASN1_INTEGER_set_uint64(X509_get_serialNumber(certificate), serial >> 1 | 1) == 1;
}

bool set_name(X509* certificate) {
    const std::string_view name = "localhost";
    auto* subject = X509_get_subject_name(certificate);
    return X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_ASC, reinterpret_cast<const unsigned char*>(name.data()),
                                      static_cast<int>(name.size()), -1, 0) == 1 &&
           X509_set_issuer_name(certificate, subject) == 1;
}

bool set_validity(X509* certificate, std::chrono::system_clock::time_point now) {
    const auto start = std::chrono::system_clock::to_time_t(now - clock_slack);
    const auto end = std::chrono::system_clock::to_time_t(now + validity);
    return ASN1_TIME_set(X509_getm_notBefore(certificate), start) &&
           ASN1_TIME_set(X509_getm_notAfter(certificate), end);
}

bool add_extensions(X509* certificate) {
    X509V3_CTX context{};
    X509V3_set_ctx_nodb(&context);
    X509V3_set_ctx(&context, certificate, certificate, nullptr, nullptr, 0);
    for (const auto& [kind, value] : extensions) {
        const ExtensionPtr extension(X509V3_EXT_conf_nid(nullptr, &context, kind, value));
        if (!extension || X509_add_ext(certificate, extension.get(), -1) != 1) return false;
    }
    return true;
}

MadeX509 self_signed(EVP_PKEY* key, std::chrono::system_clock::time_point now) {
    MadeX509 certificate(X509_new());
    const bool built = certificate && X509_set_version(certificate.get(), X509_VERSION_3) == 1 &&
                       set_serial(certificate.get()) && set_name(certificate.get()) &&
                       set_validity(certificate.get(), now) && X509_set_pubkey(certificate.get(), key) == 1 &&
                       add_extensions(certificate.get()) && X509_sign(certificate.get(), key, EVP_sha256()) > 0;
    return built ? std::move(certificate) : nullptr;
}

std::string_view text_of(BIO* bio) {
    char* data = nullptr;
    const auto length = BIO_get_mem_data(bio, &data);
    return {data, static_cast<std::size_t>(length)};
}

/// Whole or not at all: under another name first, synced, then renamed.
Result<> write_file(const std::filesystem::path& path, std::string_view text, mode_t mode) {
    const auto unfinished = path.string() + ".new";
    ::unlink(unfinished.c_str());
    const int file = ::open(unfinished.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, mode);
    if (file < 0) return fail(not_written(unfinished));
    const bool written =
        ::write(file, text.data(), text.size()) == static_cast<ssize_t>(text.size()) && ::fsync(file) == 0;
    const bool closed = ::close(file) == 0;
    if (!written || !closed || ::rename(unfinished.c_str(), path.c_str()) != 0) return fail(not_written(path));
    return {};
}

/// For its owner alone if it is made here; one that is there stays as it is.
Result<> make_folder(const std::filesystem::path& folder) {
    if (folder.empty()) return {};
    std::error_code error;
    const bool made = std::filesystem::create_directories(folder, error);
    if (error) {
        return fail(Errc::failed_precondition,
                    fmt::format("{} cannot be made ({}); check Data.Dir.", folder.string(), error.message()));
    }
    if (made) std::filesystem::permissions(folder, std::filesystem::perms::owner_all, error);
    return {};
}

}  // namespace

Result<> make_certificate(const std::filesystem::path& cert_file, const std::filesystem::path& key_file,
                          std::chrono::system_clock::time_point now) {
    const MadeKey key(EVP_EC_gen("P-256"));
    const auto certificate = key ? self_signed(key.get(), now) : nullptr;
    const BioPtr cert_text(BIO_new(BIO_s_mem()));
    const BioPtr key_text(BIO_new(BIO_s_secmem()));
    if (!certificate || !cert_text || !key_text || PEM_write_bio_X509(cert_text.get(), certificate.get()) != 1 ||
        PEM_write_bio_PrivateKey(key_text.get(), key.get(), nullptr, nullptr, 0, nullptr, nullptr) != 1) {
        return fail(failed());
    }
    if (auto ready = make_folder(cert_file.parent_path()); !ready) return ready;
    std::error_code error;
    // Without the old certificate a crash between the two writes leaves no pair that does not match.
    std::filesystem::remove(cert_file, error);
    if (auto written = write_file(key_file, text_of(key_text.get()), 0600); !written) return written;
    return write_file(cert_file, text_of(cert_text.get()), 0644);
}

}  // namespace productd
