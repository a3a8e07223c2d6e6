// Accepts connections in gRPC's place: its own listener has no bound on them, and hears nobody any more once
// descriptors ran out (CVE-2023-4785 in the 1.51 of Debian).
#pragma once

#include <grpcpp/server_builder.h>
#include <prometheus/collectable.h>

#include <atomic>
#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "domain/result.hpp"

namespace productd {

class GrpcAcceptor : public prometheus::Collectable, public std::enable_shared_from_this<GrpcAcceptor> {
public:
    using HandOver = std::unique_ptr<grpc::experimental::ExternalConnectionAcceptor>;
    struct Limits {
        std::size_t connections_max = 0;
        /// A connection ends whose client takes nothing of what is sent for so long: gRPC has no such bound, and cannot
        /// cancel a call whose answer it has only to send.
        std::chrono::milliseconds stalled_max{0};
    };

    /// Listens; `executor` runs on one thread, or is a strand, until stop() returned. `port` 0 takes a free one. Fails
    /// with failed_precondition and a sentence that says why and what to do.
    static Result<std::shared_ptr<GrpcAcceptor>> listen(const boost::asio::any_io_executor& executor,
                                                        const std::string& address, std::uint16_t port,
                                                        const Limits& limits);

    ~GrpcAcceptor() override;
    GrpcAcceptor(const GrpcAcceptor&) = delete;
    GrpcAcceptor& operator=(const GrpcAcceptor&) = delete;

    /// From now on gives what comes to `hand_over`, whose server runs until stop() returned. Connections beyond
    /// `Limits::connections_max`, and those there is no descriptor for, are closed.
    void start(HandOver hand_over);
    /// Accepts nothing more once it returns. Not from the executor. Idempotent.
    void stop();

    std::uint16_t port() const { return port_; }
    /// Those that are open. What was handed over is no longer ours, so they are looked at by their descriptors.
    std::size_t connections() const;

    std::vector<prometheus::MetricFamily> Collect() const override;

private:
    using Acceptor = boost::asio::ip::tcp::acceptor;
    /// A socket has a number of its own, so a descriptor that was given anew is told apart.
    struct Connection {
        int descriptor;
        std::uint64_t socket;
    };

    GrpcAcceptor(const boost::asio::any_io_executor& executor, const Limits& limits)
        : executor_(executor), pause_(executor), limits_(limits) {}

    boost::system::error_code open(const std::string& address, std::uint16_t port);
    void wait(Acceptor& acceptor);
    void accept_all(Acceptor& acceptor);
    void wait_for_descriptors(Acceptor& acceptor);
    void close_one(Acceptor& acceptor);
    void take(int descriptor);
    bool has_room();

    boost::asio::any_io_executor executor_;
    std::optional<boost::asio::steady_timer> pause_;  ///< Nothing once it is closed.
    const Limits limits_;
    std::vector<Acceptor> acceptors_;
    std::uint16_t port_ = 0;
    HandOver hand_over_;
    int spare_ = -1;  ///< A descriptor to give up for one that is accepted and closed when there are no others.
    bool started_ = false;
    bool stopped_ = false;
    bool closed_ = false;  ///< On the executor.
    std::atomic<std::uint64_t> without_place_{0};
    std::atomic<std::uint64_t> without_descriptor_{0};
    mutable std::mutex mutex_;
    mutable std::vector<Connection> connections_;
};

}  // namespace productd
