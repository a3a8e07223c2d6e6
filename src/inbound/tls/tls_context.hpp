// The certificate and what TLS may do, replaceable while connections are open.
#pragma once

#include <openssl/ssl.h>

#include <filesystem>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "domain/result.hpp"
#include "inbound/tls/tls_tickets.hpp"

namespace productd {

struct TlsFiles {
    std::filesystem::path certificate;  ///< PEM: the certificate, then its chain.
    std::filesystem::path key;          ///< PEM, without a passphrase.
    /// Named in messages, so that the reader knows which settings to change.
    std::string certificate_setting = "Http.certificate";
    std::string key_setting = "Http.key";
    /// PEM: who may sign the certificates of clients. Empty: none is asked for.
    std::filesystem::path client_ca = {};
    bool client_certificate_required = true;
    std::string client_ca_setting = "Tls.ClientCaFile";
};

/// TLS 1.2 and 1.3 for a server. All methods may be called from any thread.
class TlsContext {
public:
    using Snapshot = std::shared_ptr<SSL_CTX>;

    static inline const std::vector<std::string> http1_only{"http/1.1"};
    static inline const std::vector<std::string> http2_first{"h2", "http/1.1"};

    /// `protocols`: for ALPN, the preferred first; a client that names none of them is refused, one that names no
    /// protocol at all is not. Fails with one sentence: a file is missing or unreadable, holds no certificate or key,
    /// they do not belong together, or the certificate is expired or not valid yet.
    static Result<std::shared_ptr<TlsContext>> load(
        TlsFiles files, const std::vector<std::string>& protocols = http1_only,
        std::shared_ptr<TlsTickets> tickets = std::make_shared<TlsTickets>());

    /// Whether `files.client_ca` can be used, in one sentence where it cannot; also where there is none.
    static Result<> check_client_ca(const TlsFiles& files);

    /// Reads the files again. New handshakes use them; connections that are open go on. When it fails everything
    /// stays as it was.
    Result<> reload();
    /// The two halves of reload(), for who has more to change than this.
    Result<Snapshot> prepare() const;
    void use(Snapshot prepared);

    /// What the next handshake uses. Keep it as long as the connection.
    Snapshot current() const;

private:
    TlsContext(TlsFiles files, std::string protocols, std::shared_ptr<TlsTickets> tickets);

    TlsFiles files_;
    const std::shared_ptr<TlsTickets> tickets_;  ///< The same after a reload: clients that come back are known still.
    std::string protocols_;                      ///< As ALPN has them: each with its length in front.
    mutable std::mutex mutex_;
    Snapshot current_;
};

}  // namespace productd
