// The keys of session tickets (RFC 8446 section 4.6.1, RFC 5077), with which a client that comes back spares both sides
// most of a handshake.
#pragma once

#include <openssl/ssl.h>

#include <array>
#include <chrono>
#include <functional>
#include <memory>
#include <mutex>

namespace productd {

/// A key makes tickets for an hour and reads them for one more; the next ticket made after that takes its place. All
/// methods may be called from any thread.
class TlsTickets {
public:
    using Clock = std::function<std::chrono::steady_clock::time_point()>;
    static constexpr std::chrono::seconds lifetime{3'600};

    explicit TlsTickets(Clock clock = &std::chrono::steady_clock::now) : clock_(std::move(clock)) {}

    /// From here on `context` makes and reads its tickets with these keys; they must live as long.
    void use_in(SSL_CTX* context);

private:
    struct Key {
        std::array<unsigned char, 16> name{};
        std::array<unsigned char, 32> cipher{};
        std::array<unsigned char, 32> mac{};
        std::chrono::steady_clock::time_point made;

        static std::shared_ptr<const Key> make(std::chrono::steady_clock::time_point now);
        ~Key();
    };
    enum class Outcome { failed = -1, unknown = 0, done = 1, renew = 2 };  ///< As OpenSSL's callback returns them.

    static int on_ticket(SSL* connection, unsigned char* name, unsigned char* iv, EVP_CIPHER_CTX* cipher,
                         EVP_MAC_CTX* mac, int is_new);
    Outcome make_ticket(unsigned char* name, unsigned char* iv, EVP_CIPHER_CTX* cipher, EVP_MAC_CTX* mac);
    Outcome read_ticket(const SSL* connection, const unsigned char* name, const unsigned char* iv,
                        EVP_CIPHER_CTX* cipher, EVP_MAC_CTX* mac);
    static bool set_mac(EVP_MAC_CTX* mac, const Key& key);

    const Clock clock_;
    std::mutex mutex_;
    std::shared_ptr<const Key> current_;
    std::shared_ptr<const Key> previous_;
};

}  // namespace productd
