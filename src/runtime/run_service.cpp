// Signals around a service. Calls service.
#include <unistd.h>

#include <boost/asio/signal_set.hpp>
#include <csignal>
#include <cstdlib>
#include <iostream>

#include "async/async.hpp"
#include "runtime/service.hpp"
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
    log::stop();
    if (stopped != Service::Stopped::cut_worker) std::_Exit(0);
    std::cerr
        << "The worker could not finish within Shutdown.Timeout; what it held is delivered again at the next start.\n";
    std::_Exit(1);
}

Result<> serve(const Config& config, const std::string& ready_file) {
    Signals signals;
    Service service(config);
    if (auto started = service.start(); !started) return started;
    std::cout << service.welcome() << std::flush;
    if (!ready_file.empty()) {
        if (auto written = write_ready_file(ready_file, config, service.ports()); !written) return written;
    }
    while (signals.next() == SIGHUP) service.reload();
    log::info("Stopping: finishing what is in flight");
    const auto stopped = service.stop();
    if (stopped == Service::Stopped::clean) return {};
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

Result<> run_service(const Config& config, const std::string& ready_file) {
    std::signal(SIGPIPE, SIG_IGN);  // A client that is gone is an error of its connection, not of the process.
    std::signal(SIGXFSZ, SIG_IGN);  // A file at its size limit is an error of its write, like a full disk.
    log::start(format_of(config.logger.encoding), config.logger.level);
    auto served = serve(config, ready_file);
    log::stop();
    return served;
}

}  // namespace productd
