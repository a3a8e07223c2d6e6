// Signals around a service. Calls service.
#include <unistd.h>

#include <boost/asio/signal_set.hpp>
#include <csignal>
#include <cstdlib>
#include <iostream>

#include "async/async.hpp"
#include "runtime/service.hpp"
#include "runtime/version.hpp"
#include "runtime/welcome.hpp"
#include "telemetry/log.hpp"

namespace productd {

namespace {

/// Caught from its construction on, so that a signal during the start is not lost.
class Signals {
public:
    /// Waits for the next one.
    int next() {
        int received = SIGTERM;
        signals_.async_wait([&](const boost::system::error_code& error, int signal) {
            if (!error) received = signal;
        });
        context_.restart();
        context_.run();
        return received;
    }

private:
    asio::io_context context_{1};
    asio::signal_set signals_{context_, SIGTERM, SIGINT, SIGHUP};
};

[[noreturn]] void leave(Service::Stopped stopped) {
    const bool is_worker = stopped == Service::Stopped::cut_worker;
    if (is_worker) {
        log::error(
            "The worker could not finish within Shutdown.Timeout; what it held is delivered again at the next start");
    }
    log::info("The service has stopped", {{"cut_off", is_worker ? "worker" : "clients or log"}});
    log::stop();
    std::_Exit(is_worker ? 1 : 0);
}

void tell_started(const Config& config, ServicePorts ports) {
    log::info("The service has started", {{"version", version_text()},
                                          {"pid", getpid()},
                                          {"bus", name(config.engine.bus)},
                                          {"store", name(config.engine.store)},
                                          {"cache", name(config.engine.cache)},
                                          {"http_port", ports.http},
                                          {"grpc_port", ports.grpc},
                                          {"metrics_port", ports.metrics},
                                          {"data_dir", config.data.dir}});
}

Result<> serve(const Config& config, const std::string& ready_file) {
    if (auto writable = check_ready_file(ready_file); !writable) return writable;
    Signals signals;
    Service service(config);
    if (auto started = service.start(); !started) return started;
    tell_started(config, service.ports());
    std::cout << service.welcome() << std::flush;
    if (!ready_file.empty()) {
        if (auto written = write_ready_file(ready_file, config, service.ports()); !written) return written;
    }
    while (signals.next() == SIGHUP) service.reload();
    log::info("Stopping: finishing what is in flight");
    const auto stopped = service.stop();
    if (stopped == Service::Stopped::clean) {
        log::info("The service has stopped");
        return {};
    }
    // Something still holds on to parts of the service: nothing may be taken apart under it.
    leave(stopped);
}

log::Format format_of(LogEncoding encoding) {
    switch (encoding) {
        case LogEncoding::terminal: return isatty(STDERR_FILENO) == 1 ? log::Format::console : log::Format::json;
        case LogEncoding::json: return log::Format::json;
        case LogEncoding::console: return log::Format::console;
    }
    std::unreachable();
}

}  // namespace

bool run_service(const LoadedConfig& loaded, const std::string& ready_file) {
    const auto& config = loaded.config;
    std::signal(SIGPIPE, SIG_IGN);  // A client that is gone is an error of its connection, not of the process.
    std::signal(SIGXFSZ, SIG_IGN);  // A file at its size limit is an error of its write, like a full disk.
    log::start(format_of(config.logger.encoding), config.logger.level, config.logger.queue_lines_max);
    for (const auto& warning : loaded.warnings) log::warn(warning);
    for (const auto& note : loaded.notes) log::info(note);
    const auto served = serve(config, ready_file);
    if (!served && served.error().cause.empty()) log::error(served.error().detail);
    if (!served && !served.error().cause.empty()) log::error(served.error().detail, {{"cause", served.error().cause}});
    log::stop();
    return served.has_value();
}

}  // namespace productd
