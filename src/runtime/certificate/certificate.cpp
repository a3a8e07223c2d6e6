// Finds and reads the certificate. Calls OpenSSL, and make_certificate when there is none.
#include "runtime/certificate/certificate.hpp"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <array>
#include <cstring>
#include <ctime>
#include <memory>

#include "runtime/data_files.hpp"

namespace productd {

namespace {

using std::chrono::sys_seconds;

constexpr auto renewed_before = std::chrono::days(7);

template <auto FreeIt>
struct Free {
    template <class T>
    void operator()(T* object) const {
        FreeIt(object);
    }
};
using FilePtr = std::unique_ptr<FILE, Free<&fclose>>;
using X509Ptr = std::unique_ptr<X509, Free<&X509_free>>;
using KeyPtr = std::unique_ptr<EVP_PKEY, Free<&EVP_PKEY_free>>;
using NamesPtr = std::unique_ptr<GENERAL_NAMES, Free<&GENERAL_NAMES_free>>;

/// A key with a passphrase is refused instead of asking on the terminal.
int no_passphrase(char*, int, int, void*) { return -1; }

Result<FilePtr> open_file(const std::filesystem::path& path, const char* setting) {
    FilePtr file(std::fopen(path.c_str(), "re"));
    if (file) return file;
    return fail(Errc::failed_precondition,
                fmt::format("{} cannot be read ({}); check {}.", path.string(), std::strerror(errno), setting));
}

Error not_pem(const std::filesystem::path& path, const char* what, const char* setting) {
    std::array<char, 256> reason{};
    ERR_error_string_n(ERR_get_error(), reason.data(), reason.size());
    ERR_clear_error();
    return {Errc::failed_precondition,
            fmt::format("{} holds no {} in PEM form; check {}.", path.string(), what, setting),
            {},
            reason.data()};
}

sys_seconds time_of(const ASN1_TIME* time) {
    std::tm parts{};
    if (ASN1_TIME_to_tm(time, &parts) != 1) return {};
    return sys_seconds(std::chrono::seconds(timegm(&parts)));
}

std::string text_of(const ASN1_STRING* text) {
    const auto* data = ASN1_STRING_get0_data(text);
    return {data, data + ASN1_STRING_length(text)};
}

std::vector<std::string> alternative_names_of(const X509* certificate) {
    const NamesPtr found(
        static_cast<GENERAL_NAMES*>(X509_get_ext_d2i(certificate, NID_subject_alt_name, nullptr, nullptr)));
    std::vector<std::string> names;
    for (int i = 0; found && i < sk_GENERAL_NAME_num(found.get()); ++i) {
        const auto* name = sk_GENERAL_NAME_value(found.get(), i);
        if (name->type == GEN_DNS) names.push_back("DNS:" + text_of(name->d.dNSName));
        if (name->type != GEN_IPADD) continue;
        const auto address = text_of(name->d.iPAddress);
        std::array<char, INET6_ADDRSTRLEN> shown{};
        inet_ntop(address.size() == 4 ? AF_INET : AF_INET6, address.data(), shown.data(), shown.size());
        names.push_back(std::string("IP:") + shown.data());
    }
    return names;
}

/// Also where that cannot be seen: reading it says why then.
bool is_there(const std::filesystem::path& path) {
    std::error_code unseen;
    return std::filesystem::exists(path, unseen) || unseen;
}

std::filesystem::path made_cert(const Config& config) { return data_files(config).tls / "server.crt"; }
std::filesystem::path made_key(const Config& config) { return data_files(config).tls / "server.pem"; }

bool is_default(const TlsConfig& tls) {
    const TlsConfig defaults;
    return tls.cert_file == defaults.cert_file && tls.key_file == defaults.key_file;
}

Result<Certificate> read_made(const Config& config) {
    auto made = read_certificate(made_cert(config), made_key(config));
    if (!made) {
        made.error().detail = fmt::format("{} Remove {} to have a new one made.", made.error().detail,
                                          made_cert(config).parent_path().string());
        return made;
    }
    made->made_here = true;
    return made;
}

}  // namespace

std::string fingerprint_of(const X509* certificate) {
    std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
    unsigned length = 0;
    if (X509_digest(certificate, EVP_sha256(), digest.data(), &length) != 1) return {};
    std::string text;
    for (unsigned i = 0; i < length; ++i) text += fmt::format("{}{:02X}", i == 0 ? "" : ":", digest[i]);
    return text;
}

Result<Certificate> read_certificate(const std::filesystem::path& cert_file, const std::filesystem::path& key_file) {
    auto cert_stream = open_file(cert_file, "Tls.CertFile");
    if (!cert_stream) return fail(std::move(cert_stream).error());
    const X509Ptr certificate(PEM_read_X509(cert_stream->get(), nullptr, &no_passphrase, nullptr));
    if (!certificate) return fail(not_pem(cert_file, "certificate", "Tls.CertFile"));

    auto key_stream = open_file(key_file, "Tls.KeyFile");
    if (!key_stream) return fail(std::move(key_stream).error());
    const KeyPtr key(PEM_read_PrivateKey(key_stream->get(), nullptr, &no_passphrase, nullptr));
    if (!key) return fail(not_pem(key_file, "private key without a passphrase", "Tls.KeyFile"));

    if (X509_check_private_key(certificate.get(), key.get()) != 1) {
        ERR_clear_error();
        return fail(
            Errc::failed_precondition,
            fmt::format("The key in {} does not belong to the certificate in {}; check Tls.KeyFile and Tls.CertFile.",
                        key_file.string(), cert_file.string()));
    }
    return Certificate{.cert_file = cert_file,
                       .key_file = key_file,
                       .fingerprint = fingerprint_of(certificate.get()),
                       .names = alternative_names_of(certificate.get()),
                       .not_before = time_of(X509_get0_notBefore(certificate.get())),
                       .not_after = time_of(X509_get0_notAfter(certificate.get()))};
}

Result<Certificate> existing_certificate(const Config& config) {
    const auto& tls = config.tls;
    const bool has_cert = is_there(tls.cert_file);
    const bool has_key = is_there(tls.key_file);
    if (has_cert && has_key) return read_certificate(tls.cert_file, tls.key_file);
    if (has_cert || has_key || !is_default(tls)) {
        return fail(Errc::failed_precondition,
                    fmt::format("{} is missing; put it there, or set {}.", has_cert ? tls.key_file : tls.cert_file,
                                has_cert ? "Tls.KeyFile" : "Tls.CertFile"));
    }
    if (is_there(made_cert(config)) && is_there(made_key(config))) return read_made(config);
    return fail(Errc::not_found, fmt::format("There is no certificate yet; one for localhost will be made in {}.",
                                             made_cert(config).parent_path().string()));
}

Result<Certificate> certificate_for(const Config& config, std::chrono::system_clock::time_point now) {
    auto found = existing_certificate(config);
    const bool renew = found && found->made_here && found->not_after < now + renewed_before;
    if (found && !renew) return found;
    if (!found && found.error().code != Errc::not_found) return found;
    if (auto made = make_certificate(made_cert(config), made_key(config), now); !made) {
        return fail(std::move(made).error());
    }
    return read_made(config);
}

}  // namespace productd
