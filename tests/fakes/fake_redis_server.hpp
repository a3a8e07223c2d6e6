// A server of Redis's protocol that answers what a test tells it, for what no server does when asked: broken bytes,
// half an answer, silence.
#pragma once

#include <array>
#include <atomic>
#include <boost/asio/buffer.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/write.hpp>
#include <functional>
#include <list>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "codec/resp.hpp"

namespace productd::test {

class FakeRedisServer {
public:
    using Command = std::vector<std::string>;
    /// The bytes to answer with; none for silence; nothing cuts the connection.
    using Answer = std::function<std::optional<std::string>(const Command&)>;

    explicit FakeRedisServer(Answer answer) : answer_(std::move(answer)), acceptor_(context_, {address(), 0}) {
        accepting_ = std::jthread([this] { accept(); });
    }
    ~FakeRedisServer() {
        boost::system::error_code ignored;
        stopping_ = true;
        Socket waker(context_);
        waker.connect(acceptor_.local_endpoint(), ignored);
        accepting_.join();
        const std::scoped_lock lock(mutex_);
        for (auto& peer : peers_) peer.socket.shutdown(Socket::shutdown_both, ignored);
    }
    FakeRedisServer(const FakeRedisServer&) = delete;
    FakeRedisServer& operator=(const FakeRedisServer&) = delete;

    std::string port() const { return std::to_string(acceptor_.local_endpoint().port()); }

private:
    using Socket = boost::asio::ip::tcp::socket;
    struct Peer {
        explicit Peer(Socket accepted) : socket(std::move(accepted)) {}
        Socket socket;
        std::jthread serving;
    };
    static boost::asio::ip::address address() { return boost::asio::ip::make_address("127.0.0.1"); }

    void accept() {
        boost::system::error_code code;
        while (!code) {
            Socket socket(context_);
            acceptor_.accept(socket, code);
            if (stopping_) return;
            const std::scoped_lock lock(mutex_);
            auto& peer = peers_.emplace_back(std::move(socket));
            peer.serving = std::jthread([this, &peer] { serve(peer.socket); });
        }
    }

    void serve(Socket& socket) {
        std::array<char, 4'096> buffer{};
        RespReader reader;
        boost::system::error_code code;
        while (true) {
            const auto size = socket.read_some(boost::asio::buffer(buffer), code);
            if (code) return;
            reader.feed({buffer.data(), size});
            while (auto value = reader.next().value_or(std::nullopt)) {
                Command command;
                for (auto& item : value->items) command.push_back(std::move(item.text));
                const auto bytes = answer_(command);
                if (bytes) boost::asio::write(socket, boost::asio::buffer(*bytes), code);
                if (!bytes || code) return void(socket.shutdown(Socket::shutdown_both, code));
            }
        }
    }

    Answer answer_;
    boost::asio::io_context context_;
    boost::asio::ip::tcp::acceptor acceptor_;
    std::atomic<bool> stopping_{false};
    std::mutex mutex_;
    std::list<Peer> peers_;
    std::jthread accepting_;
};

}  // namespace productd::test
