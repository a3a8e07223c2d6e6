// The gRPC server: port, certificate, limits, threads, start and stop. Knows no products.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "app/catalog/catalog.hpp"
#include "app/catalog/direct_catalog.hpp"
#include "app/feed/product_feed.hpp"
#include "inbound/grpc/grpc_settings.hpp"
#include "telemetry/metrics.hpp"

namespace productd {

class GrpcServer {
public:
    /// Listens and serves. Everything given outlives the server; each of `executors` runs on one thread (or is a
    /// strand) and runs until the server is gone. Fails with failed_precondition and one sentence when the port is
    /// taken or the certificate is not usable.
    static Result<std::unique_ptr<GrpcServer>> start(const GrpcServerSettings& settings, Catalog& catalog,
                                                     DirectCatalog& writes, ProductFeed& feed, Metrics& metrics,
                                                     std::vector<asio::any_io_executor> executors);
    /// As stop() without time, and waits for calls that do not come back.
    ~GrpcServer();

    std::uint16_t port() const;
    /// What the standard health service says of the server ("") and of productsService.ProductsService. NOT_SERVING
    /// until the first call.
    void set_serving(bool serving);
    /// Reads the certificate again; what is returned then shows it to connections from now on. Fails as start(), and
    /// changes nothing by itself.
    Result<std::function<void()>> prepare_certificate();
    std::size_t calls_in_flight() const;

    /// Takes no new calls, lets those in flight finish until `deadline`, then cuts them. Streams end when their feed
    /// stops: stop it first. Returns true once all are gone and the threads are joined. False when one does not come
    /// back from what it waits for within half a second of being cut: then nothing may be taken apart that it uses,
    /// this server least of all. Blocks: not from one of the executors. Further calls wait for the first and return the
    /// same.
    bool stop(std::chrono::system_clock::time_point deadline);

private:
    struct Parts;
    explicit GrpcServer(std::unique_ptr<Parts> parts);
    std::unique_ptr<Parts> parts_;
};

}  // namespace productd
