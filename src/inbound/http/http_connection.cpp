// Moves bytes between socket, TLS and two buffers: directly while the socket takes and gives them, waiting only where
// it does not. Calls Asio and TlsChannel.
#include "inbound/http/http_connection.hpp"

#include <array>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <utility>

#include "inbound/http/http_bounds.hpp"

namespace productd {

namespace {

constexpr std::size_t wire_bytes_max = 64 * 1024;     // Ciphertext made ahead of the socket.
constexpr std::size_t buffer_bytes_kept = 16 * 1024;  // A connection's buffers shrink back to this.
constexpr std::size_t linger_bytes_max = 8 * 1024 * 1024;

void empty(std::string& buffer) {
    buffer.clear();
    if (buffer.capacity() > buffer_bytes_kept) buffer.shrink_to_fit();
}

}  // namespace

HttpConnection::HttpConnection(Socket socket, TlsContext::Snapshot tls, const HttpTimeouts& timeouts)
    : socket_(std::move(socket)), timeouts_(timeouts) {
    if (tls) tls_.emplace(std::move(tls));
}

asio::awaitable<HttpConnection::Handshake> HttpConnection::handshake() {
    boost::system::error_code error;
    socket_.non_blocking(true, error);
    if (error) co_return Handshake::failed;
    if (!tls_) co_return Handshake::done;
    wait_in(HttpPhase::handshake, std::chrono::steady_clock::now() + timeouts_.handshake);
    for (bool is_first = true;; is_first = false) {
        const auto size = co_await read_some(error);
        if (error) co_return is_first&& error == asio::error::eof ? Handshake::left : Handshake::failed;
        tls_->feed({received().data(), size});
        auto step = tls_->handshake();
        if (step == TlsChannel::Step::not_tls) {
            tls_.reset();
            co_return Handshake::not_tls;
        }
        const bool is_done = step == TlsChannel::Step::done;
        // The first request may have come with the last bytes of the handshake, and their place is shared.
        if (is_done) step = tls_->read(input_);
        const bool sent = co_await flush();
        if (!sent || step == TlsChannel::Step::failed || (step == TlsChannel::Step::closed && !is_done)) {
            co_return Handshake::failed;
        }
        if (is_done) break;
    }
    client_ = tls_->client();
    co_return Handshake::done;
}

/// Where bytes of the socket are put, of all connections of a thread: what is read is taken before anything else runs.
std::span<char> HttpConnection::received() {
    thread_local std::array<char, 16 * 1024> bytes;
    return bytes;
}

/// Waits for bytes, and puts them into received(). It waits also where they are there already: a client that never
/// pauses must not keep the thread for itself.
asio::awaitable<std::size_t> HttpConnection::read_some(boost::system::error_code& error) {
    for (;;) {
        co_await socket_.async_wait(Socket::wait_read, asio::redirect_error(asio::use_awaitable, error));
        if (error) co_return 0;
        const auto size = socket_.read_some(asio::buffer(received().data(), received().size()), error);
        if (error != asio::error::would_block) co_return size;
    }
}

asio::awaitable<HttpConnection::Arrival> HttpConnection::receive() {
    for (;;) {
        if (peer_closed_) co_return Arrival::closed;
        interrupted_ = false;
        boost::system::error_code error;
        auto size = co_await read_some(error);
        if (error == asio::error::operation_aborted && interrupted_ && socket_.is_open()) {
            // What came while nobody looked still counts: a request must not be lost to a deadline already met.
            size = socket_.read_some(asio::buffer(received().data(), received().size()), error);
            if (error == asio::error::would_block) co_return Arrival::interrupted;
        }
        if (error) {
            peer_closed_ = true;
            co_return Arrival::closed;
        }
        if (take(size)) co_return Arrival::bytes;
    }
}

/// Whether plain bytes came of it.
bool HttpConnection::take(std::size_t size) {
    if (input_used_ > 0) {
        input_.erase(0, input_used_);
        input_used_ = 0;
    }
    const auto before = input_.size();
    if (!tls_) {
        input_.append(received().data(), size);
    } else {
        tls_->feed({received().data(), size});
        const auto step = tls_->read(input_);
        peer_closed_ = step == TlsChannel::Step::closed || step == TlsChannel::Step::failed;
    }
    return input_.size() > before;
}

void HttpConnection::consume(std::size_t bytes) {
    input_used_ += bytes;
    if (input_used_ < input_.size()) return;
    empty(input_);
    input_used_ = 0;
}

/// Makes the next stretch of ciphertext; false when there is nothing to encrypt.
bool HttpConnection::encrypt() {
    auto& wire = tls_->wire();
    while (output_used_ < output_.size() && wire.size() < wire_bytes_max) {
        const auto written = tls_->write(std::string_view(output_).substr(output_used_));
        if (written == 0) {
            broken_ = true;
            return false;
        }
        output_used_ += written;
    }
    if (output_used_ == output_.size()) {
        empty(output_);
        output_used_ = 0;
    }
    return !wire.empty();
}

HttpConnection::Sent HttpConnection::push() {
    while (!broken_) {
        auto& wire = tls_ ? tls_->wire() : output_;
        if (wire_sent_ == wire.size()) {
            empty(wire);
            wire_sent_ = 0;
            if (!tls_ || !encrypt()) return broken_ ? Sent::broken : Sent::all;
        }
        boost::system::error_code error;
        const auto size = socket_.write_some(asio::buffer(wire.data() + wire_sent_, wire.size() - wire_sent_), error);
        if (error == asio::error::would_block) return Sent::some;
        if (error) broken_ = true;
        wire_sent_ += size;
        sent_bytes_ += size;
    }
    return Sent::broken;
}

asio::awaitable<bool> HttpConnection::flush() {
    std::optional<std::size_t> mark;
    for (;;) {
        const auto sent = push();
        if (sent != Sent::some) co_return sent == Sent::all;
        if (!mark || sent_bytes_ - *mark >= http_bounds::progress_bytes) {
            mark = sent_bytes_;
            if (phase_ != HttpPhase::handshake) {
                wait_in(HttpPhase::write, std::chrono::steady_clock::now() + timeouts_.write);
            }
        }
        boost::system::error_code error;
        co_await socket_.async_wait(Socket::wait_write, asio::redirect_error(asio::use_awaitable, error));
        if (error) {
            broken_ = true;
            co_return false;
        }
    }
}

void HttpConnection::finish() {
    if (broken_) return;
    push();
    if (tls_) tls_->close();
    push();
    boost::system::error_code ignored;
    socket_.shutdown(Socket::shutdown_send, ignored);
}

asio::awaitable<void> HttpConnection::close(Linger linger) {
    finish();
    if (linger == Linger::yes && !broken_ && !peer_closed_) co_await drain();
    boost::system::error_code ignored;
    socket_.close(ignored);
}

asio::awaitable<void> HttpConnection::drain() {
    wait_in(HttpPhase::linger, std::chrono::steady_clock::now() + timeouts_.linger);
    std::size_t drained = 0;
    boost::system::error_code error;
    while (!error && drained < linger_bytes_max) {
        drained += co_await read_some(error);
    }
}

void HttpConnection::cut() {
    broken_ = true;
    boost::system::error_code ignored;
    socket_.close(ignored);
}

void HttpConnection::trim() {
    for (auto* buffer : {&input_, &output_, tls_ ? &tls_->wire() : &output_}) {
        if (buffer->empty() && buffer->capacity() > 0) std::string().swap(*buffer);
    }
}

void HttpConnection::interrupt() {
    interrupted_ = true;
    boost::system::error_code ignored;
    socket_.cancel(ignored);
}

}  // namespace productd
