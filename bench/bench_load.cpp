// Requests at a rate that does not depend on the answers (an open loop): each is due at its time, whatever became of
// those before it, as long as a connection is free. Prints, by status, how many were answered and how long that took
// from when they were sent, and how late they were sent.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <cstdio>
#include <map>
#include <vector>

#include "bench_https_client.hpp"

namespace {

using namespace productd::bench;
using Clock = std::chrono::steady_clock;
using Seconds = std::chrono::duration<double>;

struct Chosen {
    std::uint16_t port = 0;
    double rate = 0;  // 0: as fast as answers come.
    double seconds = 5, warm_up = 1;
    std::size_t connections = 64;
    std::string method = "GET", path = "/livez", body;
};

class Load {
public:
    explicit Load(Chosen chosen) : chosen_(std::move(chosen)), context_(asio::ssl::context::tls_client) {
        request_ = chosen_.method + " " + chosen_.path + " HTTP/1.1\r\nHost: localhost\r\n";
        if (!chosen_.body.empty()) {
            request_ += fmt::format("Content-Type: application/json\r\nContent-Length: {}\r\n", chosen_.body.size());
        }
        request_ += "\r\n" + chosen_.body;
    }

    void run() {
        std::vector<std::unique_ptr<HttpsClient>> clients;
        for (std::size_t i = 0; i < chosen_.connections; ++i) {
            clients.push_back(std::make_unique<HttpsClient>(loop_.get_executor(), context_));
            run_all(clients.back()->connect(chosen_.port));
        }
        began_ = Clock::now();
        counted_from_ = began_ + std::chrono::duration_cast<Clock::duration>(Seconds(chosen_.warm_up));
        until_ = counted_from_ + std::chrono::duration_cast<Clock::duration>(Seconds(chosen_.seconds));
        for (auto& client : clients) asio::co_spawn(loop_, ask(*client), rethrow);
        loop_.restart();
        loop_.run();
        print();
    }

private:
    struct Answers {
        std::vector<double> took_ms;
    };
    static void rethrow(const std::exception_ptr& error) {
        if (error) std::rethrow_exception(error);
    }
    void run_all(asio::awaitable<void> work) {
        asio::co_spawn(loop_, std::move(work), rethrow);
        loop_.restart();
        loop_.run();
    }
    Clock::time_point due(std::size_t number) const {
        return began_ +
               std::chrono::duration_cast<Clock::duration>(Seconds(static_cast<double>(number) / chosen_.rate));
    }
    asio::awaitable<void> ask(HttpsClient& client) {
        asio::steady_timer timer(loop_);
        for (;;) {
            auto now = Clock::now();
            if (chosen_.rate > 0) {
                const auto at = due(next_++);
                if (at >= until_) co_return;
                if (at > now) {
                    timer.expires_at(at);
                    co_await timer.async_wait(asio::use_awaitable);
                    now = Clock::now();
                }
                if (at >= counted_from_) late_ms_.push_back(Seconds(now - at).count() * 1e3);
            }
            if (now >= until_) co_return;
            co_await client.send(request_);
            const auto status = co_await client.answer();
            const auto then = Clock::now();
            if (now >= counted_from_) answers_[status].took_ms.push_back(Seconds(then - now).count() * 1e3);
        }
    }
    static double quantile(std::vector<double>& of, double share) {
        if (of.empty()) return 0;
        const auto at = of.begin() + static_cast<std::ptrdiff_t>(share * static_cast<double>(of.size() - 1));
        std::ranges::nth_element(of, at);
        return *at;
    }
    void print() {
        for (auto& [status, of] : answers_) {
            fmt::print("{} {:.0f}/s p50 {:.2f} p99 {:.2f} ms\n", status,
                       static_cast<double>(of.took_ms.size()) / chosen_.seconds, quantile(of.took_ms, 0.5),
                       quantile(of.took_ms, 0.99));
        }
        if (chosen_.rate > 0) {
            fmt::print("late {:.0f}/s p50 {:.2f} p99 {:.2f} ms\n",
                       static_cast<double>(late_ms_.size()) / chosen_.seconds, quantile(late_ms_, 0.5),
                       quantile(late_ms_, 0.99));
        }
    }

    const Chosen chosen_;
    asio::io_context loop_{1};
    asio::ssl::context context_;
    std::string request_;
    Clock::time_point began_, counted_from_, until_;
    std::size_t next_ = 0;
    std::map<unsigned, Answers> answers_;
    std::vector<double> late_ms_;
};

}  // namespace

int main(int argc, char** argv) {
    Chosen chosen;
    CLI::App app("Sends requests to 127.0.0.1 over TLS at a fixed rate.");
    app.add_option("--port", chosen.port)->required();
    app.add_option("--rate", chosen.rate, "Requests a second; 0: each connection as fast as it is answered");
    app.add_option("--seconds", chosen.seconds);
    app.add_option("--warm-up", chosen.warm_up, "Seconds before that");
    app.add_option("--connections", chosen.connections);
    app.add_option("--method", chosen.method);
    app.add_option("--path", chosen.path);
    app.add_option("--body", chosen.body);
    CLI11_PARSE(app, argc, argv);
    try {
        Load(std::move(chosen)).run();
    } catch (const std::exception& error) {
        fmt::print(stderr, "bench_load: {}\n", error.what());
        return 1;
    }
}
