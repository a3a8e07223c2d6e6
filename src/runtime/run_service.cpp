// Signals around a service. Calls service.
#include <boost/asio/signal_set.hpp>
#include <csignal>
#include <cstdlib>
#include <iostream>

#include "app/async.hpp"
#include "runtime/service.hpp"
#include "runtime/welcome.hpp"
#include "telemetry/log.hpp"

namespace productd {

namespace {

/// Serves until a signal says to stop; a second one ends the process at once.
void wait_for_signal(Service& service) {
    asio::io_context context(1);
    asio::signal_set signals(context, SIGTERM, SIGINT, SIGHUP);
    bool stopping = false;
    while (!stopping) {
        int received = 0;
        signals.async_wait(
            [&](const boost::system::error_code& error, int signal) { received = error ? SIGTERM : signal; });
        context.restart();
        context.run();
        if (received == SIGHUP) {
            service.reload();
        } else {
            stopping = true;
        }
    }
}

log::Level level_of(const std::string& text) {
    if (text == "debug") return log::Level::debug;
    if (text == "warn") return log::Level::warn;
    return text == "error" ? log::Level::error : log::Level::info;
}

[[noreturn]] void leave(Service::Stopped stopped) {
    log::stop();
    if (stopped == Service::Stopped::cut_clients) std::_Exit(0);
    std::cerr
        << "The worker could not finish within Shutdown.Timeout; what it held is delivered again at the next start.\n";
    std::_Exit(1);
}

Result<> serve(const Config& config, const std::string& ready_file) {
    Service service(config);
    if (auto started = service.start(); !started) return started;
    std::cout << service.welcome() << std::flush;
    if (!ready_file.empty()) {
        if (auto written = write_ready_file(ready_file, config, service.ports()); !written) return written;
    }
    wait_for_signal(service);
    log::info("Stopping: finishing what is in flight");
    const auto stopped = service.stop();
    if (stopped == Service::Stopped::clean) return {};
    // Something still holds on to parts of the service: nothing may be taken apart under it.
    leave(stopped);
}

}  // namespace

Result<> run_service(const Config& config, const std::string& ready_file) {
    std::signal(SIGPIPE, SIG_IGN);  // A client that is gone is an error of its connection, not of the process.
    log::start(config.logger.encoding == "console" ? log::Format::console : log::Format::json,
               level_of(config.logger.level));
    auto served = serve(config, ready_file);
    log::stop();
    return served;
}

}  // namespace productd
