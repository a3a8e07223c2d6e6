// A way to a server that can hold back what was sent, as networks do, and deliver it later, after its sender has gone.
#pragma once

#include <array>
#include <boost/asio/buffer.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/write.hpp>
#include <condition_variable>
#include <list>
#include <mutex>
#include <thread>

namespace productd::test {

/// Two threads a connection, one each way.
class SlowLink {
public:
    explicit SlowLink(unsigned short server) : server_(server), acceptor_(context_, {address(), 0}) {
        accepting_ = std::jthread([this] { accept(); });
    }
    ~SlowLink() {
        release();
        boost::system::error_code ignored;
        {
            const std::scoped_lock lock(mutex_);
            stopping_ = true;
        }
        Socket waker(context_);
        waker.connect(acceptor_.local_endpoint(), ignored);
        accepting_.join();
        for (auto& link : links_) {
            link.client.shutdown(Socket::shutdown_both, ignored);
            link.server.shutdown(Socket::shutdown_both, ignored);
        }
    }
    SlowLink(const SlowLink&) = delete;
    SlowLink& operator=(const SlowLink&) = delete;

    std::string port() const { return std::to_string(acceptor_.local_endpoint().port()); }
    /// What the connections of now send stays here; later ones are not held.
    void hold() {
        const std::scoped_lock lock(mutex_);
        for (auto& link : links_) link.held = true;
    }
    /// Lets it go, and waits until the server has taken all of it or has closed the connection.
    void release() {
        std::unique_lock lock(mutex_);
        for (auto& link : links_) link.held = false;
        changed_.notify_all();
        changed_.wait(lock,
                      [this] { return std::ranges::all_of(links_, [](const Link& link) { return !link.holds; }); });
    }

private:
    using Socket = boost::asio::ip::tcp::socket;
    struct Link {
        explicit Link(boost::asio::io_context& context) : client(context), server(context) {}
        Socket client, server;
        bool held = false, holds = false;
        std::jthread to_server, to_client;
    };
    static boost::asio::ip::address address() { return boost::asio::ip::make_address("127.0.0.1"); }

    void accept() {
        while (true) {
            Link link(context_);
            boost::system::error_code code;
            acceptor_.accept(link.client, code);
            const std::scoped_lock lock(mutex_);
            if (stopping_ || code) return;
            link.server.connect({address(), server_}, code);
            auto& kept = links_.emplace_back(std::move(link));
            kept.to_server = std::jthread([this, &kept] { forward(kept, kept.client, kept.server, true); });
            kept.to_client = std::jthread([this, &kept] { forward(kept, kept.server, kept.client, false); });
        }
    }

    void forward(Link& link, Socket& from, Socket& to, bool may_hold) {
        std::array<char, 64 << 10> buffer{};
        boost::system::error_code code;
        while (true) {
            const auto size = from.read_some(boost::asio::buffer(buffer), code);
            if (code) break;
            std::unique_lock lock(mutex_);
            link.holds = may_hold && link.held;
            changed_.wait(lock, [&] { return !may_hold || !link.held; });
            lock.unlock();
            boost::asio::write(to, boost::asio::buffer(buffer.data(), size), code);
            if (code) break;
        }
        to.shutdown(Socket::shutdown_send, code);
        const std::scoped_lock lock(mutex_);
        if (may_hold) link.holds = false;
        changed_.notify_all();
    }

    unsigned short server_;
    boost::asio::io_context context_;
    boost::asio::ip::tcp::acceptor acceptor_;
    std::mutex mutex_;
    std::condition_variable changed_;
    bool stopping_ = false;
    std::list<Link> links_;
    std::jthread accepting_;
};

}  // namespace productd::test
