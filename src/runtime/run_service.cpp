// A service from its start to its end. Calls service, and hears signals.
#include <unistd.h>

#include <csignal>
#include <iostream>

#include "runtime/service.hpp"
#include "runtime/stop_signals.hpp"
#include "runtime/welcome.hpp"
#include "telemetry/log.hpp"

namespace productd {

namespace {

[[noreturn]] void leave(Service::Stopped stopped) {
    switch (stopped) {
        case Service::Stopped::clean: end_process(0, "");
        case Service::Stopped::cut_clients:
            end_process(0, "Some clients did not take their answers within Shutdown.Timeout; all is committed.\n");
        case Service::Stopped::cut_log:
            end_process(0, "The log did not close within Shutdown.Timeout; all is committed.\n");
        case Service::Stopped::cut_calls:
            end_process(0,
                        "Calls of the store or the cache did not return within Shutdown.Timeout; all is committed.\n");
        case Service::Stopped::cut_worker:
            end_process(1,
                        "The worker could not finish within Shutdown.Timeout; what it held is delivered again at the "
                        "next start.\n");
    }
    std::unreachable();
}

Result<> serve(const Config& config, const std::string& ready_file, StopSignals& signals,
               const std::shared_ptr<StopProgress>& progress) {
    Service service(config, progress);
    if (auto started = service.start(); !started) return started;
    std::cout << service.welcome() << std::flush;
    if (!ready_file.empty()) {
        if (auto written = write_ready_file(ready_file, config, service.ports()); !written) return written;
    }
    while (signals.next() == StopSignals::Asked::reload) service.reload();
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
    const auto progress = std::make_shared<StopProgress>();
    StopSignals signals(config.shutdown.timeout, progress);  // The last to go: it watches over all that follows.
    auto served = serve(config, ready_file, signals, progress);
    progress->at(StopProgress::Step::log_lines);
    log::stop();
    return served;
}

}  // namespace productd
