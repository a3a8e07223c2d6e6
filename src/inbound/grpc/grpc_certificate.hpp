// The certificate of the gRPC server, which may be replaced while it runs.
#pragma once

#include <grpcpp/security/server_credentials.h>

#include <memory>
#include <mutex>
#include <string>

#include "domain/result.hpp"

namespace productd {

class GrpcCertificate {
public:
    /// Paths of PEM files.
    struct Files {
        std::string certificate;  ///< The chain, leaf first.
        std::string private_key;
        std::string client_ca;  ///< Who may sign the certificates of clients. Empty: none is asked for.
        bool client_certificate_required = true;
    };
    explicit GrpcCertificate(Files files) : files_(std::move(files)) {}
    const Files& files() const { return files_; }

    struct Pem {
        std::string chain;
        std::string private_key;
        std::string client_ca;
    };
    /// What the files hold. Fails with failed_precondition when one cannot be read, when they do not belong together,
    /// and when the certificate has expired or is not valid yet.
    Result<Pem> read() const;
    /// Handshakes from now on use it; connections that stand are not touched.
    void use(Pem pem);

    /// Server credentials (TLS 1.2 and 1.3) that always use what was loaded last.
    /// They outlive the server.
    static std::shared_ptr<grpc::ServerCredentials> credentials(std::shared_ptr<GrpcCertificate> certificate);

    /// What a handshake uses; `generation` rises with every use().
    std::pair<Pem, std::uint64_t> current() const;

private:
    const Files files_;
    mutable std::mutex mutex_;
    Pem pem_;
    std::uint64_t generation_ = 0;
};

}  // namespace productd
