// Reads and checks PEM files with OpenSSL, and hands them to gRPC whenever a handshake asks.
#include "inbound/grpc/grpc_certificate.hpp"

#include <grpc/grpc.h>
#include <grpc/grpc_security.h>
#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include <cerrno>
#include <cstring>
#include <fstream>
#include <iterator>

namespace productd {

namespace {

Error unusable(const std::string& what) {
    ERR_clear_error();
    return {Errc::failed_precondition, what};
}

Result<std::string> read_file(const std::string& path, const char* setting) {
    std::ifstream file(path, std::ios::binary);
    std::string text{std::istreambuf_iterator<char>(file), {}};
    if (!file.is_open())
        return fail(unusable("The file " + path + " (" + setting + ") cannot be read: " + std::strerror(errno) + "."));
    return text;
}

using Bio = std::unique_ptr<BIO, decltype(&BIO_free)>;
Bio memory(const std::string& text) { return {BIO_new_mem_buf(text.data(), static_cast<int>(text.size())), BIO_free}; }

/// Never asks on the terminal for the password of an encrypted key.
int no_password(char*, int, int, void*) { return 0; }

Result<> check_dates(const X509& certificate, const std::string& file) {
    if (X509_cmp_current_time(X509_get0_notAfter(&certificate)) < 0) {
        return fail(unusable("The certificate " + file + " has expired: renew it, or name another in Tls.CertFile."));
    }
    if (X509_cmp_current_time(X509_get0_notBefore(&certificate)) > 0) {
        return fail(unusable("The certificate " + file +
                             " is not valid yet: check the clock, or name another in Tls.CertFile."));
    }
    return {};
}

/// gRPC would accept a pair that does not match and then fail every handshake.
Result<> check(const GrpcCertificate::Pem& pem, const GrpcCertificate::Files& files) {
    const std::unique_ptr<X509, decltype(&X509_free)> certificate(
        PEM_read_bio_X509(memory(pem.chain).get(), nullptr, no_password, nullptr), X509_free);
    if (!certificate)
        return fail(unusable("The file " + files.certificate + " (Tls.CertFile) holds no certificate in PEM form."));
    const std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)> key(
        PEM_read_bio_PrivateKey(memory(pem.private_key).get(), nullptr, no_password, nullptr), EVP_PKEY_free);
    if (!key)
        return fail(unusable("The file " + files.private_key +
                             " (Tls.KeyFile) holds no private key in PEM form without a password."));
    if (X509_check_private_key(certificate.get(), key.get()) != 1) {
        return fail(unusable("The private key in " + files.private_key + " does not belong to the certificate in " +
                             files.certificate + ": change Tls.CertFile or Tls.KeyFile."));
    }
    const std::unique_ptr<X509, decltype(&X509_free)> client_ca(
        PEM_read_bio_X509(memory(pem.client_ca).get(), nullptr, no_password, nullptr), X509_free);
    if (!client_ca && !files.client_ca.empty()) {
        return fail(unusable("The file " + files.client_ca + " (Tls.ClientCaFile) holds no certificate in PEM form."));
    }
    ERR_clear_error();
    return check_dates(*certificate, files.certificate);
}

grpc_ssl_client_certificate_request_type request_type(const GrpcCertificate::Files& files) {
    if (files.client_ca.empty()) return GRPC_SSL_DONT_REQUEST_CLIENT_CERTIFICATE;
    return files.client_certificate_required ? GRPC_SSL_REQUEST_AND_REQUIRE_CLIENT_CERTIFICATE_AND_VERIFY
                                             : GRPC_SSL_REQUEST_CLIENT_CERTIFICATE_AND_VERIFY;
}

/// gRPC's own wrapper of its reloading credentials is not public; this is all of it that a server asks for.
class Credentials final : public grpc::ServerCredentials {
public:
    explicit Credentials(std::shared_ptr<GrpcCertificate> certificate) : certificate_(std::move(certificate)) {
        auto* options = grpc_ssl_server_credentials_create_options_using_config_fetcher(
            request_type(certificate_->files()), &Credentials::fetch, this);
        credentials_ = grpc_ssl_server_credentials_create_with_options(options);
    }
    ~Credentials() override { grpc_server_credentials_release(credentials_); }

    void SetAuthMetadataProcessor(const std::shared_ptr<grpc::AuthMetadataProcessor>&) override {}

private:
    int AddPortToServer(const std::string& address, grpc_server* server) override {
        return grpc_server_add_http2_port(server, address.c_str(), credentials_);
    }

    /// Called by gRPC before each handshake, one call at a time.
    static grpc_ssl_certificate_config_reload_status fetch(void* self, grpc_ssl_server_certificate_config** config) {
        auto& credentials = *static_cast<Credentials*>(self);
        const auto [pem, generation] = credentials.certificate_->current();
        if (generation == credentials.used_) return GRPC_SSL_CERTIFICATE_CONFIG_RELOAD_UNCHANGED;
        const grpc_ssl_pem_key_cert_pair pair{pem.private_key.c_str(), pem.chain.c_str()};
        // gRPC insists on roots for clients' certificates, also where it asks for none: any certificate does.
        const auto& roots = pem.client_ca.empty() ? pem.chain : pem.client_ca;
        *config = grpc_ssl_server_certificate_config_create(roots.c_str(), &pair, 1);
        credentials.used_ = generation;
        return GRPC_SSL_CERTIFICATE_CONFIG_RELOAD_NEW;
    }

    std::shared_ptr<GrpcCertificate> certificate_;
    grpc_server_credentials* credentials_ = nullptr;
    std::uint64_t used_ = 0;
};

}  // namespace

Result<GrpcCertificate::Pem> GrpcCertificate::read() const {
    auto chain = read_file(files_.certificate, "Tls.CertFile");
    if (!chain) return fail(std::move(chain).error());
    auto key = read_file(files_.private_key, "Tls.KeyFile");
    if (!key) return fail(std::move(key).error());
    auto client_ca = files_.client_ca.empty() ? Result<std::string>() : read_file(files_.client_ca, "Tls.ClientCaFile");
    if (!client_ca) return fail(std::move(client_ca).error());
    Pem pem{std::move(*chain), std::move(*key), std::move(*client_ca)};
    if (auto usable = check(pem, files_); !usable) return fail(std::move(usable).error());
    return pem;
}

void GrpcCertificate::use(Pem pem) {
    const std::scoped_lock lock(mutex_);
    pem_ = std::move(pem);
    ++generation_;
}

std::pair<GrpcCertificate::Pem, std::uint64_t> GrpcCertificate::current() const {
    const std::scoped_lock lock(mutex_);
    return {pem_, generation_};
}

std::shared_ptr<grpc::ServerCredentials> GrpcCertificate::credentials(std::shared_ptr<GrpcCertificate> certificate) {
    return std::make_shared<Credentials>(std::move(certificate));
}

}  // namespace productd
