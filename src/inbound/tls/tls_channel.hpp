// One connection's TLS, as a function from bytes to bytes: it owns no socket and never waits.
#pragma once

#include <openssl/ssl.h>

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

#include "inbound/tls/tls_context.hpp"

namespace productd {

class TlsChannel {
public:
    enum class Step {
        done,     ///< The handshake is finished, or bytes were read.
        more,     ///< More of the peer's bytes are needed; send wire() first.
        closed,   ///< The peer said it sends no more.
        failed,   ///< Not TLS, no common version, damaged: send wire() (the alert) and close.
        not_tls,  ///< The peer speaks plain HTTP.
    };

    explicit TlsChannel(TlsContext::Snapshot context);
    TlsChannel(const TlsChannel&) = delete;
    TlsChannel& operator=(const TlsChannel&) = delete;

    /// Gives bytes from the socket. They must stay until handshake() or read() returned `more`.
    void feed(std::string_view received) { received_ = received; }
    Step handshake();
    /// After the handshake: the protocol chosen by ALPN (RFC 7301); empty for a client that names none.
    std::string_view protocol() const;
    /// Why the last step failed, as OpenSSL says it; empty where it did not.
    const std::string& failure_text() const { return failure_text_; }
    /// The subject of the client's certificate (RFC 2253), which was verified; empty for a client that showed none.
    std::string client() const;
    /// Appends all that can be read now to `plain`.
    Step read(std::string& plain);
    /// Encrypts as much of `plain` as fits one record into wire(); returns how much, 0 when the connection is broken.
    std::size_t write(std::string_view plain);
    /// Tells the peer that nothing follows.
    void close();

    /// What is to be sent on the socket; the caller clears it.
    std::string& wire() { return wire_; }

private:
    Step failure(int outcome);
    static int read_bio(BIO* bio, char* to, int size);
    static int write_bio(BIO* bio, const char* from, int size);
    static long control_bio(BIO* bio, int command, long, void*);
    static BIO_METHOD* bio_method();

    TlsContext::Snapshot context_;  // A reload must not free it under us.
    std::unique_ptr<SSL, decltype(&SSL_free)> ssl_;
    std::string_view received_;
    std::string wire_;
    std::string failure_text_;
};

}  // namespace productd
