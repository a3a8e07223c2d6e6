// AES-256-CBC with HMAC-SHA-256, as RFC 5077 section 4 recommends and OpenSSL does with keys of its own. Calls OpenSSL.
#include "inbound/tls/tls_tickets.hpp"

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/rand.h>

#include <algorithm>
#include <cstring>
#include <utility>

namespace productd {

namespace {

constexpr int iv_bytes = 16;

}  // namespace

TlsTickets::Key::~Key() {
    OPENSSL_cleanse(cipher.data(), cipher.size());
    OPENSSL_cleanse(mac.data(), mac.size());
}

/// Null when the system gives no random bytes.
std::shared_ptr<const TlsTickets::Key> TlsTickets::Key::make(std::chrono::steady_clock::time_point now) {
    auto key = std::make_shared<Key>();
    key->made = now;
    const bool is_random = RAND_bytes(key->name.data(), static_cast<int>(key->name.size())) == 1 &&
                           RAND_priv_bytes(key->cipher.data(), static_cast<int>(key->cipher.size())) == 1 &&
                           RAND_priv_bytes(key->mac.data(), static_cast<int>(key->mac.size())) == 1;
    return is_random ? key : nullptr;
}

void TlsTickets::use_in(SSL_CTX* context) {
    SSL_CTX_set_app_data(context, this);
    SSL_CTX_set_timeout(context, lifetime.count());
    SSL_CTX_set_tlsext_ticket_key_evp_cb(context, &on_ticket);
}

int TlsTickets::on_ticket(SSL* connection, unsigned char* name, unsigned char* iv, EVP_CIPHER_CTX* cipher,
                          EVP_MAC_CTX* mac, int is_new) {
    auto& self = *static_cast<TlsTickets*>(SSL_CTX_get_app_data(SSL_get_SSL_CTX(connection)));
    try {
        const auto outcome =
            is_new == 1 ? self.make_ticket(name, iv, cipher, mac) : self.read_ticket(connection, name, iv, cipher, mac);
        return static_cast<int>(outcome);
    } catch (...) {  // No memory, or no lock: the handshake fails, and nothing passes through OpenSSL.
        return static_cast<int>(Outcome::failed);
    }
}

TlsTickets::Outcome TlsTickets::make_ticket(unsigned char* name, unsigned char* iv, EVP_CIPHER_CTX* cipher,
                                            EVP_MAC_CTX* mac) {
    std::shared_ptr<const Key> key;
    {
        const std::scoped_lock lock(mutex_);
        const auto now = clock_();
        if (!current_ || now - current_->made >= lifetime) {
            previous_ = std::exchange(current_, Key::make(now));
        }
        key = current_;
    }
    if (!key || RAND_bytes(iv, iv_bytes) != 1) return Outcome::failed;
    std::ranges::copy(key->name, name);
    const bool is_set =
        EVP_EncryptInit_ex(cipher, EVP_aes_256_cbc(), nullptr, key->cipher.data(), iv) == 1 && set_mac(mac, *key);
    return is_set ? Outcome::done : Outcome::failed;
}

TlsTickets::Outcome TlsTickets::read_ticket(const SSL* connection, const unsigned char* name, const unsigned char* iv,
                                            EVP_CIPHER_CTX* cipher, EVP_MAC_CTX* mac) {
    std::shared_ptr<const Key> key;
    auto outcome = Outcome::done;
    {
        const std::scoped_lock lock(mutex_);
        const auto is_named = [name](const std::shared_ptr<const Key>& one) {
            return one && std::memcmp(one->name.data(), name, one->name.size()) == 0;
        };
        if (is_named(current_)) key = current_;
        if (is_named(previous_)) key = previous_;
        const auto age = key ? clock_() - key->made : std::chrono::steady_clock::duration::zero();
        if (!key || age >= 2 * lifetime) return Outcome::unknown;  // A whole handshake follows.
        // In TLS 1.3 a ticket is meant to be used once (RFC 8446 appendix C.4), so each has to bring the next.
        if (age >= lifetime || SSL_version(connection) >= TLS1_3_VERSION) outcome = Outcome::renew;
    }
    const bool is_set =
        EVP_DecryptInit_ex(cipher, EVP_aes_256_cbc(), nullptr, key->cipher.data(), iv) == 1 && set_mac(mac, *key);
    return is_set ? outcome : Outcome::failed;
}

bool TlsTickets::set_mac(EVP_MAC_CTX* mac, const Key& key) {
    char digest[] = "sha256";
    std::array<unsigned char, 32> bytes = key.mac;
    const OSSL_PARAM parameters[] = {OSSL_PARAM_construct_octet_string(OSSL_MAC_PARAM_KEY, bytes.data(), bytes.size()),
                                     OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, digest, 0),
                                     OSSL_PARAM_construct_end()};
    const bool is_set = EVP_MAC_CTX_set_params(mac, parameters) == 1;
    OPENSSL_cleanse(bytes.data(), bytes.size());
    return is_set;
}

}  // namespace productd
