// The certificate that REST and gRPC show, and its replacement while they run.
#pragma once

#include <functional>
#include <memory>
#include <mutex>

#include "async/async.hpp"
#include "inbound/grpc/grpc_server.hpp"
#include "inbound/tls/tls_context.hpp"
#include "runtime/certificate/certificate.hpp"

namespace productd {

/// Thread-safe once it is loaded.
class ServedCertificate {
public:
    /// As certificate_for(); fails, too, when its dates are not now. `config` outlives this.
    Result<> load(const Config& config, std::chrono::system_clock::time_point now);
    /// From now on `grpc` gets what `tls()` gets.
    void show_on(GrpcServer& grpc);

    const std::shared_ptr<TlsContext>& tls() const { return tls_; }
    Certificate current() const;

    /// Reads the files again, for new connections. Both servers have the new certificate afterwards or, when it is not
    /// usable for one of them, neither. Logs what became of it.
    void reload();
    /// Makes the one that was made here anew when it ends within a week of `now`, and shows it. False when it need not
    /// be.
    bool renew_if_due(std::chrono::system_clock::time_point now);

    /// Looks every hour whether it is due, until stop() is called on the same executor.
    asio::awaitable<void> watch();
    void stop();

private:
    Result<> show_anew();

    const Config* config_ = nullptr;
    std::shared_ptr<TlsContext> tls_;
    mutable std::mutex mutex_;
    GrpcServer* grpc_ = nullptr;
    Certificate certificate_;
    Signal* stopped_ = nullptr;  ///< While watch() runs: this outlives the executor.
    bool stopping_ = false;
};

}  // namespace productd
