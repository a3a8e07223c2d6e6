// A crowd on a server: connections over TLS that do nothing, clients that send their request a byte a second, and
// clients that read their answers a byte a second. Says "there" once all have come, and goes when its standard input
// ends.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <array>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/steady_timer.hpp>
#include <memory>
#include <vector>

#include "bench_https_client.hpp"

namespace {

using namespace productd::bench;

constexpr std::chrono::seconds pace{1};

class Crowd {
public:
    Crowd(std::uint16_t port, std::string path)
        : port_(port), context_(asio::ssl::context::tls_client), path_(std::move(path)) {}

    void bring(std::size_t idle, std::size_t senders, std::size_t readers) {
        for (std::size_t i = 0; i < idle; ++i) come();
        for (std::size_t i = 0; i < senders; ++i) spawn(send_slowly(come()));
        for (std::size_t i = 0; i < readers; ++i) spawn(read_slowly(come()));
        fmt::print("there\n");
        std::fflush(stdout);
        asio::posix::stream_descriptor input(loop_, 0);
        std::array<char, 1> byte{};
        input.async_read_some(asio::buffer(byte), [this](auto, auto) { loop_.stop(); });
        loop_.restart();
        loop_.run();
    }

private:
    HttpsClient& come() {
        clients_.push_back(std::make_unique<HttpsClient>(loop_.get_executor(), context_));
        bool is_there = false;
        asio::co_spawn(loop_, clients_.back()->connect(port_), [&](const std::exception_ptr& error) {
            if (error) std::rethrow_exception(error);
            is_there = true;
        });
        loop_.restart();
        while (!is_there) loop_.run_one();
        return *clients_.back();
    }
    void spawn(asio::awaitable<void> client) {
        asio::co_spawn(loop_, std::move(client), [](const std::exception_ptr&) {});  // Cut off is how it may end.
    }
    asio::awaitable<void> wait() {
        asio::steady_timer timer(loop_, pace);
        co_await timer.async_wait(asio::use_awaitable);
    }
    /// Begins anew on a connection of its own when it is cut off.
    asio::awaitable<void> send_slowly(HttpsClient& first) {
        auto* client = &first;
        for (std::unique_ptr<HttpsClient> next;; client = next.get()) {
            try {
                for (const char byte : "GET " + path_ + " HTTP/1.1\r\nHost: localhost\r\n\r\n") {
                    co_await client->send({&byte, 1});
                    co_await wait();
                }
                co_await client->answer();
                continue;
            } catch (const std::exception&) {
                next = std::make_unique<HttpsClient>(loop_.get_executor(), context_);
            }
            co_await next->connect(port_);
        }
    }
    asio::awaitable<void> read_slowly(HttpsClient& client) {
        client.socket().set_option(asio::socket_base::receive_buffer_size(4'096));
        std::array<char, 1> byte{};
        std::string requests;
        for (int i = 0; i < 4; ++i)
            requests.append("GET ").append(path_).append(" HTTP/1.1\r\nHost: localhost\r\n\r\n");
        for (;;) {
            co_await client.send(requests);
            for (int i = 0; i < 4; ++i) {
                co_await client.read_some(asio::buffer(byte));
                co_await wait();
            }
        }
    }

    const std::uint16_t port_;
    asio::io_context loop_{1};
    asio::ssl::context context_;
    const std::string path_;
    std::vector<std::unique_ptr<HttpsClient>> clients_;
};

}  // namespace

int main(int argc, char** argv) {
    std::uint16_t port = 0;
    std::string path = "/livez";
    std::size_t idle = 0, senders = 0, readers = 0;
    CLI::App app("Keeps slow and idle connections over TLS to 127.0.0.1.");
    app.add_option("--port", port)->required();
    app.add_option("--path", path);
    app.add_option("--idle", idle);
    app.add_option("--senders", senders, "Clients that send a byte a second");
    app.add_option("--readers", readers, "Clients that read a byte a second");
    CLI11_PARSE(app, argc, argv);
    try {
        Crowd(port, path).bring(idle, senders, readers);
    } catch (const std::exception& error) {
        fmt::print(stderr, "bench_crowd: {}\n", error.what());
        return 1;
    }
}
