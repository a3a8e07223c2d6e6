// An HTTP server that knows no products: sockets, TLS, limits, timeouts, and a handler for the rest.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "domain/result.hpp"
#include "inbound/http/http_settings.hpp"
#include "inbound/http/message/http_message.hpp"
#include "telemetry/metrics.hpp"

namespace productd {

class HttpServer {
public:
    /// Each executor must run on one thread. Connections are dealt to them in turn and stay there; the handler runs
    /// there too. The contexts must outlive the server; `metrics` and what the handler uses must outlive the contexts.
    HttpServer(HttpServerSettings settings, HttpHandler handler, Metrics& metrics,
               const std::vector<boost::asio::any_io_executor>& executors);
    /// Call stop() first; what still runs is left to the executors.
    ~HttpServer();
    HttpServer(const HttpServer&) = delete;
    HttpServer& operator=(const HttpServer&) = delete;

    /// Listens and serves. Fails with one sentence that names the setting when the address cannot be had. Call once.
    Result<> start();

    /// The bound port; 0 for a Unix socket.
    std::uint16_t port() const;

    /// Open connections, those in the handshake included.
    std::size_t connections() const;

    /// Accepts no more, closes idle connections at once and the others after the answer they wait for; cuts what is
    /// left at `deadline`. Returns how many had to be cut. Resumes once all are gone, or a second after the cut, when
    /// a handler does not come back. Call once, after start().
    boost::asio::awaitable<std::size_t> stop(std::chrono::steady_clock::time_point deadline);

private:
    struct Core;
    std::shared_ptr<Core> core_;
};

}  // namespace productd
