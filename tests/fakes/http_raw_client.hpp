// A blocking HTTP client that sends exactly the bytes it is told, over TCP, TLS or a Unix socket.
#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <cstdint>
#include <cstring>
#include <map>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <system_error>

namespace productd {

struct RawResponse {
    unsigned status = 0;
    std::multimap<std::string, std::string> headers;  ///< Names in lower case.
    std::string body;

    std::string header(const std::string& name) const {
        const auto found = headers.find(name);
        return found == headers.end() ? std::string{} : found->second;
    }
};

class RawClient {
public:
    /// Every wait ends after this, as a failure: no test hangs.
    static constexpr int wait_seconds_max = 20;

    /// `from`: the client's own address, 127.0.0.2 for one.
    static RawClient tcp(std::uint16_t port, int receive_buffer_bytes = 0, const char* from = nullptr) {
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_port = htons(port);
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        RawClient client(::socket(AF_INET, SOCK_STREAM, 0));
        if (receive_buffer_bytes > 0) {
            ::setsockopt(client.socket_, SOL_SOCKET, SO_RCVBUF, &receive_buffer_bytes, sizeof receive_buffer_bytes);
        }
        if (from != nullptr) {
            sockaddr_in own{};
            own.sin_family = AF_INET;
            own.sin_addr.s_addr = inet_addr(from);
            const int bound = ::bind(client.socket_, reinterpret_cast<const sockaddr*>(&own), sizeof own);
            if (bound != 0) throw std::system_error(errno, std::generic_category(), from);
        }
        client.connect(reinterpret_cast<const sockaddr*>(&address), sizeof address);
        return client;
    }

    static RawClient unix_socket(const std::string& path) {
        sockaddr_un address{};
        address.sun_family = AF_UNIX;
        std::strncpy(address.sun_path, path.c_str(), sizeof address.sun_path - 1);
        RawClient client(::socket(AF_UNIX, SOCK_STREAM, 0));
        client.connect(reinterpret_cast<const sockaddr*>(&address), sizeof address);
        return client;
    }

    /// `protocols` as ALPN has them on the wire: each with its length in front.
    /// `known`: of an earlier connection, to be resumed.
    static RawClient tls(std::uint16_t port, std::string_view protocols = {}, int version = 0,
                         SSL_SESSION* known = nullptr) {
        auto client = tcp(port);
        client.context_.reset(SSL_CTX_new(TLS_client_method()));
        if (version != 0) {
            SSL_CTX_set_min_proto_version(client.context_.get(), version);
            SSL_CTX_set_max_proto_version(client.context_.get(), version);
        }
        client.ssl_.reset(SSL_new(client.context_.get()));
        if (!protocols.empty()) {
            SSL_set_alpn_protos(client.ssl_.get(), reinterpret_cast<const unsigned char*>(protocols.data()),
                                static_cast<unsigned>(protocols.size()));
        }
        std::signal(SIGPIPE, SIG_IGN);  // OpenSSL writes to a connection that may be gone, as the service never does.
        SSL_set_fd(client.ssl_.get(), client.socket_);
        if (known != nullptr) SSL_set_session(client.ssl_.get(), known);
        ERR_clear_error();
        if (SSL_connect(client.ssl_.get()) != 1) throw std::runtime_error("The TLS handshake failed.");
        return client;
    }

    RawClient(RawClient&& other) noexcept
        : context_(std::move(other.context_)),
          ssl_(std::move(other.ssl_)),
          socket_(std::exchange(other.socket_, -1)),
          buffer_(std::move(other.buffer_)) {}
    RawClient& operator=(RawClient&&) = delete;
    ~RawClient() {
        // Without a word, but not so that OpenSSL takes its session for a bad one.
        if (ssl_) SSL_set_shutdown(ssl_.get(), SSL_SENT_SHUTDOWN | SSL_RECEIVED_SHUTDOWN);
        ssl_.reset();
        if (socket_ >= 0) ::close(socket_);
    }

    /// False when the server has closed.
    bool send(std::string_view bytes) {
        while (!bytes.empty()) {
            ERR_clear_error();
            const auto sent = ssl_ ? SSL_write(ssl_.get(), bytes.data(), static_cast<int>(bytes.size()))
                                   : ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
            if (sent <= 0) return false;
            bytes.remove_prefix(static_cast<std::size_t>(sent));
        }
        return true;
    }
    void send_end() { ::shutdown(socket_, SHUT_WR); }

    /// The next response; nothing when the server closed first. Interim (1xx) responses are returned too.
    std::optional<RawResponse> receive(bool to_head = false) {
        RawResponse response;
        std::size_t end = 0;
        while ((end = buffer_.find("\r\n\r\n")) == std::string::npos) {
            if (!more()) return std::nullopt;
        }
        parse_head(std::string_view(buffer_).substr(0, end + 2), response);
        buffer_.erase(0, end + 4);
        const auto length = response.header("content-length");
        const std::size_t size = to_head || length.empty() ? 0 : std::stoul(length);
        while (buffer_.size() < size) {
            if (!more()) return std::nullopt;
        }
        response.body = buffer_.substr(0, size);
        buffer_.erase(0, size);
        return response;
    }

    /// What has come, or comes next; nothing when the server closed.
    std::optional<std::string> receive_some() {
        if (buffer_.empty() && !more()) return std::nullopt;
        return std::exchange(buffer_, {});
    }
    /// So many of the next bytes; fewer where the server closes before.
    std::string receive_bytes(std::size_t size) {
        while (buffer_.size() < size && more()) {
        }
        auto bytes = buffer_.substr(0, size);
        buffer_.erase(0, size);
        return bytes;
    }
    /// All that comes until the server closes; fails the wait when it does not.
    std::string until_closed() {
        while (more()) {
        }
        if (timed_out_) throw std::runtime_error("The server did not close the connection.");
        return std::exchange(buffer_, {});
    }
    /// Whether the server closed the connection without another byte.
    bool closed() { return until_closed().empty(); }

    /// For a later connection. In TLS 1.3 it comes with the first answer.
    std::shared_ptr<SSL_SESSION> session() const { return {SSL_get1_session(ssl_.get()), &SSL_SESSION_free}; }
    bool is_resumed() const { return SSL_session_reused(ssl_.get()) == 1; }
    std::string peer_name() const {
        const std::unique_ptr<X509, decltype(&X509_free)> peer(SSL_get1_peer_certificate(ssl_.get()), &X509_free);
        char text[128] = {};
        X509_NAME_get_text_by_NID(X509_get_subject_name(peer.get()), NID_commonName, text, sizeof text);
        return text;
    }
    std::string protocol() const {
        const unsigned char* name = nullptr;
        unsigned size = 0;
        SSL_get0_alpn_selected(ssl_.get(), &name, &size);
        return {reinterpret_cast<const char*>(name), size};
    }

private:
    explicit RawClient(int socket) : socket_(socket) {
        const timeval limit{.tv_sec = wait_seconds_max, .tv_usec = 0};
        ::setsockopt(socket_, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
        ::setsockopt(socket_, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
    }

    void connect(const sockaddr* address, socklen_t size) {
        if (::connect(socket_, address, size) != 0) throw std::runtime_error("The server cannot be reached.");
    }

    bool more() {
        char bytes[16 * 1024];
        errno = 0;
        ERR_clear_error();
        const auto size = ssl_ ? SSL_read(ssl_.get(), bytes, sizeof bytes) : ::recv(socket_, bytes, sizeof bytes, 0);
        if (size <= 0) {
            timed_out_ = errno == EAGAIN || errno == EWOULDBLOCK;
            return false;
        }
        buffer_.append(bytes, static_cast<std::size_t>(size));
        return true;
    }

    static void parse_head(std::string_view head, RawResponse& response) {
        response.status = static_cast<unsigned>(std::stoul(std::string(head.substr(9, 3))));
        head.remove_prefix(head.find("\r\n") + 2);
        while (!head.empty()) {
            const auto line = head.substr(0, head.find("\r\n"));
            head.remove_prefix(line.size() + 2);
            const auto colon = line.find(": ");
            std::string name(line.substr(0, colon));
            std::ranges::transform(name, name.begin(), [](unsigned char c) { return static_cast<char>(::tolower(c)); });
            response.headers.emplace(std::move(name), line.substr(colon + 2));
        }
    }

    struct Free {
        void operator()(SSL_CTX* context) const { SSL_CTX_free(context); }
        void operator()(SSL* ssl) const { SSL_free(ssl); }
    };
    std::unique_ptr<SSL_CTX, Free> context_;
    std::unique_ptr<SSL, Free> ssl_;
    int socket_ = -1;
    std::string buffer_;
    bool timed_out_ = false;
};

}  // namespace productd
