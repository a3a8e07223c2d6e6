// The whole service: builds every part in order, serves, and stops them in reverse.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>

#include "runtime/config/config.hpp"
#include "runtime/stop/stop_progress.hpp"

namespace productd {

struct ServicePorts {
    std::uint16_t http = 0;
    std::uint16_t grpc = 0;
    std::uint16_t metrics = 0;
};

class Service {
public:
    /// `progress` is told how far a stop has come.
    explicit Service(Config config, std::shared_ptr<StopProgress> progress = std::make_shared<StopProgress>());
    /// Stops at once what start() began.
    ~Service();

    /// Opens the data, starts the worker and listens. One sentence says what to do when that is not possible.
    Result<> start();
    ServicePorts ports() const;
    /// What a person wants to know of a service that has just started: its addresses and a line to try.
    std::string welcome() const;

    /// Reads the certificate again, for new connections.
    void reload();
    enum class Stopped {
        clean,
        cut_clients,  ///< Some clients did not take their answers in time.
        cut_log,      ///< The log did not close in time; all is finished, and the group learns later that we left.
        cut_calls,    ///< The same of calls of the store or the cache: all is finished, but they do not return.
        cut_worker,   ///< The worker did not end in time; what it held is delivered again at the next start.
    };
    /// Says that it is not ready, and after Shutdown.LameDuck takes nothing new, finishes what is in flight, commits,
    /// closes; within Shutdown.Timeout, if what it calls has an end. Further calls tell what the first one did. Unless
    /// that is `clean` something may still run, and the service must not be destroyed before it has ended.
    Stopped stop();

private:
    struct Parts;
    std::unique_ptr<Parts> parts_;
};

struct ServeRequest {
    ConfigSources sources;   ///< Where the configuration came from, for SIGHUP.
    std::string ready_file;  ///< JSON with pid and ports, also where it is not ready yet; empty: none.
};

/// Logs what loading the configuration had to say, starts the service, prints its welcome, writes the ready file, and
/// serves until SIGTERM or SIGINT; SIGHUP reads the certificate and the log's level again. False when it cannot start;
/// why is logged. Ends the process itself when something had to be cut off: with 0 for clients, with 1 for the worker.
bool run_service(const LoadedConfig& loaded, const ServeRequest& asked);

}  // namespace productd
