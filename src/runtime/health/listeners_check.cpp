// Knocks at our own doors. Calls Asio.
#include "runtime/health/listeners_check.hpp"

#include <fmt/format.h>

#include <boost/asio/connect.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace productd {

namespace {

using asio::ip::tcp;
using Code = boost::system::error_code;

constexpr std::chrono::milliseconds knock_patience{400};  // Of the 900 ms that readiness gives.

/// Who listens everywhere is heard on the loopback.
tcp::endpoint reachable(const std::string& host, std::uint16_t port) {
    Code error;
    auto address = asio::ip::make_address(host, error);
    if (error) {
        asio::io_context context;
        const auto found = tcp::resolver(context).resolve(host, std::to_string(port), error);
        if (!error && !found.empty()) address = found.begin()->endpoint().address();
    }
    if (address.is_unspecified()) {
        address = address.is_v6() ? asio::ip::address(asio::ip::address_v6::loopback())
                                  : asio::ip::address(asio::ip::address_v4::loopback());
    }
    return {address, port};
}

Task<> knock(tcp::endpoint endpoint) {
    tcp::socket socket(co_await asio::this_coro::executor);
    Code error;
    co_await socket.async_connect(endpoint, asio::redirect_error(asio::use_awaitable, error));
    if (!error) socket.shutdown(tcp::socket::shutdown_send, error);
    std::array<char, 64> answer{};
    while (!error) {
        co_await socket.async_read_some(asio::buffer(answer), asio::redirect_error(asio::use_awaitable, error));
    }
    if (error == asio::error::eof || error == asio::error::connection_reset) co_return Result<>{};
    co_return fail(unavailable(error.message()));
}

}  // namespace

void ListenersCheck::watch(std::string name, const std::string& host, std::uint16_t port) {
    const std::scoped_lock lock(mutex_);
    listeners_.push_back({std::move(name), reachable(host, port)});
}

void ListenersCheck::stop() {
    const std::scoped_lock lock(mutex_);
    listeners_.clear();
}

Task<> ListenersCheck::check() {
    std::unique_lock lock(mutex_);
    const auto listeners = listeners_;
    lock.unlock();
    for (const auto& listener : listeners) {
        auto heard = co_await within(std::chrono::steady_clock::now() + knock_patience, knock(listener.endpoint));
        if (heard) continue;
        co_return fail(unavailable(
            fmt::format("The {} listener on port {} takes no connection.", listener.name, listener.endpoint.port()),
            fmt::format("see the limit of open files (ulimit -n) and the limits of connections: {}",
                        heard.error().detail)));
    }
    co_return Result<>{};
}

}  // namespace productd
