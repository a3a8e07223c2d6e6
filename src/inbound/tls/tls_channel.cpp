// Drives OpenSSL over two strings instead of a socket, so that the connection decides when to wait. Calls OpenSSL.
#include "inbound/tls/tls_channel.hpp"

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/x509.h>
#include <openssl/x509_vfy.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <new>

namespace productd {

namespace {

constexpr std::size_t record_bytes_max = 16 * 1'024;

}  // namespace

TlsChannel::TlsChannel(TlsContext::Snapshot context)
    : context_(std::move(context)), ssl_(SSL_new(context_.get()), &SSL_free) {
    BIO* bio = ssl_ ? BIO_new(bio_method()) : nullptr;
    if (bio == nullptr) throw std::bad_alloc();
    BIO_set_data(bio, this);
    BIO_set_init(bio, 1);
    SSL_set_bio(ssl_.get(), bio, bio);
    SSL_set_accept_state(ssl_.get());
}

TlsChannel::Step TlsChannel::handshake() {
    ERR_clear_error();
    const int outcome = SSL_do_handshake(ssl_.get());
    return outcome == 1 ? Step::done : failure(outcome);
}

std::string_view TlsChannel::protocol() const {
    const unsigned char* name = nullptr;
    unsigned int size = 0;
    SSL_get0_alpn_selected(ssl_.get(), &name, &size);
    return {reinterpret_cast<const char*>(name), size};
}

std::string TlsChannel::client() const {
    const X509* certificate = SSL_get0_peer_certificate(ssl_.get());
    if (certificate == nullptr) return {};
    const std::unique_ptr<BIO, decltype(&BIO_free)> out(BIO_new(BIO_s_mem()), &BIO_free);
    X509_NAME_print_ex(out.get(), X509_get_subject_name(certificate), 0, XN_FLAG_RFC2253);
    char* data = nullptr;
    const auto size = BIO_get_mem_data(out.get(), &data);
    return {data, static_cast<std::size_t>(size)};
}

TlsChannel::Step TlsChannel::read(std::string& plain) {
    thread_local std::array<char, record_bytes_max> record;
    auto step = Step::more;
    // A second SSL_read that finds nothing is not free: it is spared where all was taken.
    while (!received_.empty() || SSL_pending(ssl_.get()) > 0) {
        ERR_clear_error();
        const int size = SSL_read(ssl_.get(), record.data(), static_cast<int>(record.size()));
        if (size <= 0) {
            const auto why = failure(size);
            return why == Step::more ? step : why;
        }
        plain.append(record.data(), static_cast<std::size_t>(size));
        step = Step::done;
    }
    return step;
}

std::size_t TlsChannel::write(std::string_view plain) {
    ERR_clear_error();
    const auto size = std::min(plain.size(), record_bytes_max);
    const int written = SSL_write(ssl_.get(), plain.data(), static_cast<int>(size));
    return written <= 0 ? 0 : static_cast<std::size_t>(written);
}

void TlsChannel::close() {
    ERR_clear_error();
    if (SSL_is_init_finished(ssl_.get()) == 1) SSL_shutdown(ssl_.get());
    ERR_clear_error();
}

TlsChannel::Step TlsChannel::failure(int outcome) {
    switch (SSL_get_error(ssl_.get(), outcome)) {
        case SSL_ERROR_WANT_READ:
        case SSL_ERROR_WANT_WRITE: return Step::more;
        case SSL_ERROR_ZERO_RETURN: return Step::closed;
        default: break;
    }
    const auto code = ERR_peek_error();
    ERR_clear_error();
    const char* reason = ERR_reason_error_string(code);
    failure_text_ = reason == nullptr ? "unknown reason" : reason;
    if (const auto verdict = SSL_get_verify_result(ssl_.get()); verdict != X509_V_OK) {
        failure_text_ += std::string(": ") + X509_verify_cert_error_string(verdict);
    }
    return ERR_GET_LIB(code) == ERR_LIB_SSL && ERR_GET_REASON(code) == SSL_R_HTTP_REQUEST ? Step::not_tls
                                                                                          : Step::failed;
}

int TlsChannel::read_bio(BIO* bio, char* to, int size) {
    auto& self = *static_cast<TlsChannel*>(BIO_get_data(bio));
    BIO_clear_retry_flags(bio);
    if (self.received_.empty()) {
        BIO_set_retry_read(bio);
        return -1;
    }
    const auto taken = std::min(self.received_.size(), static_cast<std::size_t>(size));
    std::memcpy(to, self.received_.data(), taken);
    self.received_.remove_prefix(taken);
    return static_cast<int>(taken);
}

int TlsChannel::write_bio(BIO* bio, const char* from, int size) {
    BIO_clear_retry_flags(bio);
    static_cast<TlsChannel*>(BIO_get_data(bio))->wire_.append(from, static_cast<std::size_t>(size));
    return size;
}

long TlsChannel::control_bio(BIO*, int command, long, void*) {
    return command == BIO_CTRL_FLUSH ? 1 : 0;  // OpenSSL flushes after each flight; there is nothing to push.
}

BIO_METHOD* TlsChannel::bio_method() {
    static BIO_METHOD* const method = [] {
        BIO_METHOD* made = BIO_meth_new(BIO_TYPE_SOURCE_SINK | BIO_get_new_index(), "productd connection");
        BIO_meth_set_read(made, &read_bio);
        BIO_meth_set_write(made, &write_bio);
        BIO_meth_set_ctrl(made, &control_bio);
        return made;
    }();
    return method;
}

}  // namespace productd
