// The certificate REST and gRPC show: the one configured, or one made for localhost.
#pragma once

#include <openssl/types.h>

#include <chrono>
#include <filesystem>
#include <string>
#include <vector>

#include "domain/result.hpp"
#include "runtime/config/config.hpp"

namespace productd {

struct Certificate {
    std::filesystem::path cert_file;  ///< PEM.
    std::filesystem::path key_file;   ///< PEM.
    std::string fingerprint;          ///< SHA-256, `AB:CD:…`, as `openssl x509 -fingerprint -sha256` prints it.
    std::vector<std::string> names;   ///< Subject alternative names: `DNS:localhost`, `IP:127.0.0.1`.
    std::chrono::sys_seconds not_before;
    std::chrono::sys_seconds not_after;
    bool made_here = false;  ///< Self-signed for localhost, in the data folder.
};

/// SHA-256 of a certificate, as in Certificate; empty when OpenSSL cannot make it.
std::string fingerprint_of(const X509* certificate);

/// The certificate to serve with. Tls.CertFile and Tls.KeyFile if they are there; when neither is and both are at
/// their defaults, the one in `<data>/tls`, made (or made anew when it ends within a week of `now`) if needed.
/// Fails when one of two is missing, when they do not belong together, and when a file cannot be read or written.
Result<Certificate> certificate_for(const Config& config, std::chrono::system_clock::time_point now);

/// The same without writing anything: not_found when one would be made.
Result<Certificate> existing_certificate(const Config& config);

/// What the two files hold. Fails when one cannot be read or the key is not the certificate's.
Result<Certificate> read_certificate(const std::filesystem::path& cert_file, const std::filesystem::path& key_file);

/// Writes an ECDSA P-256 key (0600) and a self-signed certificate for localhost, valid for a year from `now`. Either
/// both files are there afterwards or, as far as the next start can tell, none.
Result<> make_certificate(const std::filesystem::path& cert_file, const std::filesystem::path& key_file,
                          std::chrono::system_clock::time_point now);

}  // namespace productd
