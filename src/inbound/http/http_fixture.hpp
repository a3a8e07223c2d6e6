// A real HttpServer on a free port for tests, and gates to hold its handlers.
#pragma once

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <chrono>
#include <deque>
#include <functional>
#include <future>
#include <memory>
#include <mutex>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "fakes/await.hpp"
#include "fakes/http_raw_client.hpp"
#include "fakes/temp_folder.hpp"
#include "fakes/test_certificate.hpp"
#include "inbound/http/http_server.hpp"
#include "inbound/tls/tls_context.hpp"

namespace productd {

inline asio::awaitable<HttpResponse> respond(HttpResponse response) { co_return response; }

inline HttpResponse text_response(std::string body) {
    HttpResponse response;
    response.content_type = "text/plain";
    response.body = std::move(body);
    response.route = "/{target}";
    return response;
}

/// Answers with method, target and body of the request.
inline asio::awaitable<HttpResponse> echo(HttpRequest request) {
    co_return text_response(request.method + ' ' + request.target + ' ' + request.body);
}

/// Settings with timeouts that no test meets by chance, and a sweep fast enough for those it sets short.
inline HttpServerSettings test_settings() {
    HttpServerSettings settings;
    settings.host = "127.0.0.1";
    settings.limits.connections_max = 10'000;
    settings.timeouts.idle = std::chrono::minutes(2);
    settings.exchange.access_log = AccessLog::off;
    settings.timeouts.sweep = std::chrono::milliseconds(5);
    return settings;
}

/// Holds coroutines of any executor until it is opened.
class Gate {
public:
    asio::awaitable<void> wait() {
        auto executor = co_await asio::this_coro::executor;
        auto signal = std::make_shared<Signal>(executor);
        {
            const std::scoped_lock lock(mutex_);
            if (open_) co_return;
            waiting_.emplace_back(executor, signal);
            arrived_.notify_all();
        }
        co_await signal->wait();
    }
    /// Blocks the test until `count` coroutines have come to wait.
    void await_arrivals(std::size_t count) {
        std::unique_lock lock(mutex_);
        const bool came = arrived_.wait_for(lock, std::chrono::seconds(RawClient::wait_seconds_max),
                                            [&] { return waiting_.size() >= count; });
        if (!came) throw std::runtime_error("Nobody came to the gate.");
    }
    void open() {
        const std::scoped_lock lock(mutex_);
        open_ = true;
        for (const auto& [executor, waiting] : waiting_) {
            asio::post(executor, [waiting] {
                if (const auto signal = waiting.lock()) signal->notify();
            });
        }
    }

private:
    std::mutex mutex_;
    std::condition_variable arrived_;
    std::vector<std::pair<asio::any_io_executor, std::weak_ptr<Signal>>> waiting_;  ///< Must not outlive the executor.
    bool open_ = false;
};

class TestServer {
public:
    explicit TestServer(HttpHandler handler, HttpServerSettings settings = test_settings(), std::size_t threads = 2)
        : contexts_(threads) {
        std::vector<asio::any_io_executor> executors;
        for (auto& context : contexts_) {
            executors.emplace_back(context.get_executor());
            work_.push_back(asio::make_work_guard(context));
            threads_.emplace_back([&context] { context.run(); });
        }
        server_ = std::make_unique<HttpServer>(std::move(settings), std::move(handler), metrics_, executors);
        if (auto started = server_->start(); !started) throw std::runtime_error(started.error().detail);
    }
    ~TestServer() {
        stop(std::chrono::seconds(2));
        work_.clear();
        for (auto& context : contexts_) context.stop();
        for (auto& thread : threads_) thread.join();
    }

    /// The number of connections that had to be cut.
    std::size_t stop(std::chrono::milliseconds limit) {
        if (std::exchange(stopped_, true)) return 0;
        return await(server_->stop(std::chrono::steady_clock::now() + limit));
    }

    HttpServer& server() { return *server_; }
    Metrics& metrics() { return metrics_; }
    RawClient client() { return RawClient::tcp(server_->port()); }
    RawClient tls_client() { return RawClient::tls(server_->port()); }

    RawResponse get(const std::string& target) {
        auto connection = client();
        connection.send("GET " + target + " HTTP/1.1\r\nHost: test\r\n\r\n");
        return connection.receive().value();
    }

    /// Waits for connections to end, while serving others all the time.
    void serve_others_until_only(std::size_t connections_left) {
        const auto limit = std::chrono::steady_clock::now() + std::chrono::seconds(RawClient::wait_seconds_max);
        while (true) {
            auto other = client();
            other.send("GET /other HTTP/1.1\r\nHost: test\r\n\r\n");
            if (other.receive().value().status != 200) throw std::runtime_error("Others are not served.");
            if (server_->connections() <= connections_left + 1) return;
            if (std::chrono::steady_clock::now() > limit) throw std::runtime_error("The connection did not end.");
        }
    }

private:
    Metrics metrics_;
    std::deque<asio::io_context> contexts_;
    std::vector<asio::executor_work_guard<asio::io_context::executor_type>> work_;
    std::vector<std::thread> threads_;
    std::unique_ptr<HttpServer> server_;
    bool stopped_ = false;
};

/// A certificate in a folder of its own, and the context loaded from it.
struct TestTls {
    TempFolder folder;
    std::shared_ptr<TlsContext> context;

    explicit TestTls(const std::string& name = "first") {
        write(name);
        context = TlsContext::load(files()).value();
    }
    TlsFiles files() const { return {.certificate = folder / "server.crt", .key = folder / "server.pem"}; }
    void write(const std::string& name) const { TestCertificate::make(name).save(files().certificate, files().key); }
};

inline HttpServerSettings tls_settings(const TestTls& tls) {
    auto settings = test_settings();
    settings.tls = tls.context;
    return settings;
}

}  // namespace productd
