// The gRPC server: port, certificate, limits, threads, start and stop. Knows no products.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "app/catalog/catalog.hpp"
#include "app/catalog/direct_catalog.hpp"
#include "inbound/grpc/grpc_call.hpp"
#include "telemetry/metrics.hpp"

namespace productd {

struct GrpcServerSettings {
    std::string address = "127.0.0.1";
    std::uint16_t port = 5000;  ///< 0: a free one.
    std::string certificate_file = "ssl/server.crt";
    std::string private_key_file = "ssl/server.pem";
    std::size_t threads = 1;  ///< Completion queues, each with a thread.
    std::size_t calls_in_flight_max = 1'024;
    std::size_t calls_per_connection_max = 256;
    std::size_t receive_bytes_max = 4 * 1024 * 1024;  ///< The largest message.
    std::size_t memory_bytes_max =
        256 * 1024 * 1024;  ///< For the buffers of all connections; gRPC refuses work above it.
    std::chrono::milliseconds deadline_default{5'000};  ///< For calls without a deadline.
    std::chrono::milliseconds deadline_max{60'000};     ///< Longer deadlines are cut to this.
    std::chrono::milliseconds write_timeout{30'000};    ///< In which a client takes its answer; it is cut off then.
    std::chrono::milliseconds handshake_timeout{10'000};
    std::chrono::milliseconds connection_idle_max{300'000};  ///< 0: never.
    std::chrono::milliseconds connection_age_max{300'000};   ///< 0: never.
    std::chrono::milliseconds connection_age_grace{60'000};  ///< For calls that run when the age is reached.
    std::chrono::milliseconds keepalive_time{900'000};       ///< A ping after so long without traffic.
    std::chrono::milliseconds keepalive_timeout{15'000};     ///< The connection is closed when no answer comes.
    std::chrono::milliseconds ping_interval_min{10'000};     ///< Clients that ping more often are cut off.
    GrpcAccessLog access_log = GrpcAccessLog::all;
};

class GrpcServer {
public:
    /// Listens and serves. Everything given outlives the server; each of `executors` runs on one thread (or is a
    /// strand) and runs until the server is gone. Fails with failed_precondition and one sentence when the port is
    /// taken or the certificate is not usable.
    static Result<std::unique_ptr<GrpcServer>> start(const GrpcServerSettings& settings, Catalog& catalog,
                                                     DirectCatalog& writes, Metrics& metrics,
                                                     std::vector<asio::any_io_executor> executors);
    /// As stop() without time.
    ~GrpcServer();

    std::uint16_t port() const;
    /// What the standard health service says of the server ("") and of productsService.ProductsService. NOT_SERVING
    /// until the first call.
    void set_serving(bool serving);
    /// Reads the certificate again, for connections from now on. Fails as start() and keeps the old one.
    Result<> reload_certificate();
    std::size_t calls_in_flight() const;

    /// Takes no new calls, lets those in flight finish until `deadline`, then cuts them. Returns once all are gone and
    /// the threads are joined. Blocks: not from one of the executors. Further calls do nothing.
    void stop(std::chrono::system_clock::time_point deadline);

private:
    struct Parts;
    explicit GrpcServer(std::unique_ptr<Parts> parts);
    std::unique_ptr<Parts> parts_;
};

}  // namespace productd
