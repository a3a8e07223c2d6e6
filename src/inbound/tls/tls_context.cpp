// Loads certificate and key and says in one sentence what is wrong with them. Calls OpenSSL.
#include "inbound/tls/tls_context.hpp"

#include <fmt/format.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <iterator>
#include <system_error>

namespace productd {

namespace {

using Certificate = std::unique_ptr<X509, decltype(&X509_free)>;
using File = std::unique_ptr<std::FILE, decltype(&std::fclose)>;

// Forward secrecy and authenticated encryption only; TLS 1.3 has nothing else anyway.
constexpr const char* tls12_ciphers =
    "ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256:ECDHE-ECDSA-AES256-GCM-SHA384:"
    "ECDHE-RSA-AES256-GCM-SHA384:ECDHE-ECDSA-CHACHA20-POLY1305:ECDHE-RSA-CHACHA20-POLY1305";
constexpr const char* tls13_ciphers = "TLS_AES_128_GCM_SHA256:TLS_AES_256_GCM_SHA384:TLS_CHACHA20_POLY1305_SHA256";

std::unexpected<Error> refuse(std::string detail) { return fail(Errc::failed_precondition, std::move(detail)); }

/// The reason of OpenSSL's last error, for the end of a sentence; empties its queue.
std::string openssl_reason() {
    const auto code = ERR_peek_last_error();
    ERR_clear_error();
    const char* reason = code == 0 ? nullptr : ERR_reason_error_string(code);
    return reason == nullptr ? "unknown reason" : reason;
}

Result<> check_readable(const std::filesystem::path& path, std::string_view what, std::string_view setting) {
    const File file(std::fopen(path.c_str(), "rb"), &std::fclose);
    char byte = 0;
    if (file && (std::fread(&byte, 1, 1, file.get()) == 1 || std::ferror(file.get()) == 0)) return {};
    return refuse(fmt::format("The {} {} cannot be read ({}): correct the file or {}.", what, path.string(),
                              std::generic_category().message(errno), setting));
}

/// Passphrases are not asked for: a server starts without anybody at the keyboard.
int no_passphrase(char*, int, int, void*) { return 0; }

std::string text_of(const ASN1_TIME* time) {
    const std::unique_ptr<BIO, decltype(&BIO_free)> out(BIO_new(BIO_s_mem()), &BIO_free);
    ASN1_TIME_print(out.get(), time);
    char* data = nullptr;
    const auto size = BIO_get_mem_data(out.get(), &data);
    return {data, static_cast<std::size_t>(size)};
}

Result<> check_dates(SSL_CTX* context, const TlsFiles& files) {
    const X509* certificate = SSL_CTX_get0_certificate(context);
    if (X509_cmp_current_time(X509_get0_notAfter(certificate)) < 0) {
        return refuse(fmt::format("The certificate {} expired on {}: renew it, or name another in {}.",
                                  files.certificate.string(), text_of(X509_get0_notAfter(certificate)),
                                  files.certificate_setting));
    }
    if (X509_cmp_current_time(X509_get0_notBefore(certificate)) > 0) {
        return refuse(fmt::format("The certificate {} is not valid before {}: check the clock, or name another in {}.",
                                  files.certificate.string(), text_of(X509_get0_notBefore(certificate)),
                                  files.certificate_setting));
    }
    return {};
}

Result<> use_files(SSL_CTX* context, const TlsFiles& files) {
    if (auto readable = check_readable(files.certificate, "certificate", files.certificate_setting); !readable) {
        return readable;
    }
    if (auto readable = check_readable(files.key, "key", files.key_setting); !readable) return readable;
    SSL_CTX_set_default_passwd_cb(context, &no_passphrase);
    ERR_clear_error();
    if (SSL_CTX_use_certificate_chain_file(context, files.certificate.c_str()) != 1) {
        return refuse(fmt::format("{} holds no PEM certificate that can be used ({}): correct the file or {}.",
                                  files.certificate.string(), openssl_reason(), files.certificate_setting));
    }
    if (SSL_CTX_use_PrivateKey_file(context, files.key.c_str(), SSL_FILETYPE_PEM) != 1) {
        if (ERR_GET_REASON(ERR_peek_last_error()) == X509_R_KEY_VALUES_MISMATCH ||
            ERR_GET_REASON(ERR_peek_last_error()) == X509_R_KEY_TYPE_MISMATCH) {
            ERR_clear_error();
            return refuse(fmt::format("The key {} does not belong to the certificate {}: correct {} or {}.",
                                      files.key.string(), files.certificate.string(), files.key_setting,
                                      files.certificate_setting));
        }
        return refuse(fmt::format("{} holds no PEM key without a passphrase ({}): correct the file or {}.",
                                  files.key.string(), openssl_reason(), files.key_setting));
    }
    return check_dates(context, files);
}

/// Clients show a certificate that one of the file's has signed.
Result<> ask_clients(SSL_CTX* context, const TlsFiles& files) {
    if (files.client_ca.empty()) return {};
    if (auto readable = check_readable(files.client_ca, "certificates", files.client_ca_setting); !readable)
        return readable;
    ERR_clear_error();
    auto* names = SSL_load_client_CA_file(files.client_ca.c_str());
    if (names == nullptr || SSL_CTX_load_verify_file(context, files.client_ca.c_str()) != 1) {
        sk_X509_NAME_pop_free(names, &X509_NAME_free);
        return refuse(fmt::format("{} holds no PEM certificate that can be used ({}): correct the file or {}.",
                                  files.client_ca.string(), openssl_reason(), files.client_ca_setting));
    }
    SSL_CTX_set_client_CA_list(context, names);
    const int if_none = files.client_certificate_required ? SSL_VERIFY_FAIL_IF_NO_PEER_CERT : 0;
    SSL_CTX_set_verify(context, SSL_VERIFY_PEER | if_none, nullptr);
    return {};
}

/// A session is resumed only where the same certificates sign clients: who was let in by others is asked anew.
Result<> set_session_scope(SSL_CTX* context, const TlsFiles& files) {
    std::ifstream file(files.client_ca, std::ios::binary);
    std::string scope{std::istreambuf_iterator<char>(file), {}};
    scope += files.client_certificate_required ? "required" : "optional";
    std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
    unsigned int size = 0;
    if (EVP_Digest(scope.data(), scope.size(), digest.data(), &size, EVP_sha256(), nullptr) != 1 ||
        SSL_CTX_set_session_id_context(context, digest.data(), size) != 1) {
        return refuse("OpenSSL could not be set up: " + openssl_reason() + ".");
    }
    return {};
}

/// `argument` is the server's list of protocols; it belongs to the SSL_CTX, which may outlive its TlsContext.
int select_protocol(SSL*, const unsigned char** chosen, unsigned char* chosen_size, const unsigned char* offered,
                    unsigned int offered_size, void* argument) {
    const auto& ours = *static_cast<const std::string*>(argument);
    unsigned char* found = nullptr;
    const auto outcome = SSL_select_next_proto(&found, chosen_size, reinterpret_cast<const unsigned char*>(ours.data()),
                                               static_cast<unsigned int>(ours.size()), offered, offered_size);
    if (outcome != OPENSSL_NPN_NEGOTIATED) return SSL_TLSEXT_ERR_ALERT_FATAL;
    *chosen = found;
    return SSL_TLSEXT_ERR_OK;
}

Result<TlsContext::Snapshot> make_context(const TlsFiles& files, const std::string& protocols,
                                          const std::shared_ptr<TlsTickets>& tickets) {
    auto list = std::make_shared<std::string>(protocols);
    TlsContext::Snapshot context(SSL_CTX_new(TLS_server_method()),
                                 [list, tickets](SSL_CTX* old) { SSL_CTX_free(old); });
    if (!context) return refuse("OpenSSL could not be set up: " + openssl_reason() + ".");
    SSL_CTX_set_min_proto_version(context.get(), TLS1_2_VERSION);
    SSL_CTX_set_options(context.get(), SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION |
                                           SSL_OP_CIPHER_SERVER_PREFERENCE | SSL_OP_IGNORE_UNEXPECTED_EOF);
    // Buffers of idle connections are given back: 34 KiB each. Retries may come with another buffer address.
    SSL_CTX_set_mode(context.get(),
                     SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
    SSL_CTX_set_session_cache_mode(context.get(), SSL_SESS_CACHE_OFF);  // Tickets resume without a shared table.
    SSL_CTX_set_num_tickets(context.get(), 1);
    tickets->use_in(context.get());
    SSL_CTX_set_cipher_list(context.get(), tls12_ciphers);
    SSL_CTX_set_ciphersuites(context.get(), tls13_ciphers);
    SSL_CTX_set_alpn_select_cb(context.get(), &select_protocol, list.get());
    if (auto used = use_files(context.get(), files); !used) return fail(std::move(used).error());
    if (auto asked = ask_clients(context.get(), files); !asked) return fail(std::move(asked).error());
    if (auto set = set_session_scope(context.get(), files); !set) return fail(std::move(set).error());
    return context;
}

}  // namespace

TlsContext::TlsContext(TlsFiles files, std::string protocols, std::shared_ptr<TlsTickets> tickets)
    : files_(std::move(files)), tickets_(std::move(tickets)), protocols_(std::move(protocols)) {}

Result<std::shared_ptr<TlsContext>> TlsContext::load(TlsFiles files, const std::vector<std::string>& protocols,
                                                     std::shared_ptr<TlsTickets> tickets) {
    std::string list;
    for (const auto& protocol : protocols) {
        list += static_cast<char>(protocol.size());
        list += protocol;
    }
    std::shared_ptr<TlsContext> context(new TlsContext(std::move(files), std::move(list), std::move(tickets)));
    if (auto loaded = context->reload(); !loaded) return fail(std::move(loaded).error());
    return context;
}

Result<> TlsContext::check_client_ca(const TlsFiles& files) {
    const std::unique_ptr<SSL_CTX, decltype(&SSL_CTX_free)> context(SSL_CTX_new(TLS_server_method()), &SSL_CTX_free);
    if (!context) return refuse("OpenSSL could not be set up: " + openssl_reason() + ".");
    return ask_clients(context.get(), files);
}

Result<> TlsContext::reload() {
    auto fresh = prepare();
    if (!fresh) return fail(std::move(fresh).error());
    use(std::move(*fresh));
    return {};
}

Result<TlsContext::Snapshot> TlsContext::prepare() const { return make_context(files_, protocols_, tickets_); }

void TlsContext::use(Snapshot prepared) {
    const std::scoped_lock lock(mutex_);
    current_ = std::move(prepared);
}

TlsContext::Snapshot TlsContext::current() const {
    const std::scoped_lock lock(mutex_);
    return current_;
}

}  // namespace productd
