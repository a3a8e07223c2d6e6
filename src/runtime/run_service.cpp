// A service from its start to its end. Calls service, hears signals, and tells the service manager.
#include <fmt/format.h>
#include <unistd.h>

#include <csignal>
#include <iostream>

#include "runtime/config/config_secrets.hpp"
#include "runtime/grpc_logs.hpp"
#include "runtime/service.hpp"
#include "runtime/service_manager.hpp"
#include "runtime/stop/stop_signals.hpp"
#include "runtime/version.hpp"
#include "runtime/welcome.hpp"
#include "telemetry/log.hpp"

namespace productd {

namespace {

/// Whom a stop did not wait for any longer.
const char* name(Service::Stopped stopped) {
    switch (stopped) {
        case Service::Stopped::clean: return "nobody";
        case Service::Stopped::cut_clients: return "clients that do not take their answers";
        case Service::Stopped::cut_log: return "the log to close";
        case Service::Stopped::cut_calls: return "calls of the store or the cache that do not return";
        case Service::Stopped::cut_worker: return "the worker";
    }
    std::unreachable();
}

[[noreturn]] void leave(Service::Stopped stopped) {
    const auto code = stopped == Service::Stopped::cut_worker ? 1 : 0;
    if (code == 0) log::warn("The service has stopped, and all is committed", {{"not_waited_for", name(stopped)}});
    if (code != 0) {
        log::error(
            "The worker could not finish within Shutdown.Timeout; what it held is delivered again at the next start");
    }
    end_process(code, "");
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

std::string where_it_serves(ServicePorts ports) {
    return fmt::format("Serving REST on port {}, gRPC on {}, metrics on {}", ports.http, ports.grpc, ports.metrics);
}

/// Of the configuration a running service takes the level of its log alone.
void reread_level(const ConfigSources& sources) {
    const auto loaded = load_config(sources);
    if (loaded) return log::set_level(loaded->config.logger.level, "SIGHUP");
    log::error("The configuration cannot be read: the level of the log stays as it was",
               {{"error", loaded.error().detail}});
}

Result<> serve(const Config& config, const ServeRequest& asked, StopSignals& signals,
               const std::shared_ptr<StopProgress>& progress) {
    const auto& ready_file = asked.ready_file;
    if (auto writable = check_ready_file(ready_file); !writable) return writable;
    Service service(config, progress);
    if (auto started = service.start(); !started) return started;
    tell_started(config, service.ports());
    std::cout << service.welcome() << std::flush;
    if (!ready_file.empty()) {
        if (auto written = write_ready_file(ready_file, config, service.ports()); !written) return written;
    }
    const ServiceManager manager(asked.sources.environment);
    manager.started(where_it_serves(service.ports()));
    while (signals.next() == StopSignals::Asked::reload) {
        manager.reload_begins();
        reread_level(asked.sources);
        service.reload();
        manager.reload_ends();
    }
    manager.stopping(config.shutdown.timeout);
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

/// Lines that wait are written, however this is left.
struct LogUntilTheEnd {
    LogUntilTheEnd() = default;
    LogUntilTheEnd(const LogUntilTheEnd&) = delete;
    LogUntilTheEnd& operator=(const LogUntilTheEnd&) = delete;
    ~LogUntilTheEnd() { log::stop(); }
};

}  // namespace

bool run_service(const LoadedConfig& loaded, const ServeRequest& asked) {
    const auto& config = loaded.config;
    std::signal(SIGPIPE, SIG_IGN);  // A client that is gone is an error of its connection, not of the process.
    std::signal(SIGXFSZ, SIG_IGN);  // A file at its size limit is an error of its write, like a full disk.
    log::start(format_of(config.logger.encoding), config.logger.level, config.logger.queue_lines_max);
    log::hide(secrets_of(config));
    take_over_grpc_logs();
    for (const auto& warning : loaded.warnings) log::warn(warning);
    for (const auto& note : loaded.notes) log::info(note);
    const auto progress = std::make_shared<StopProgress>();
    StopSignals signals(config.shutdown.timeout, progress);  // The last to go: it watches over all that follows.
    const LogUntilTheEnd until_the_end;
    const auto served = serve(config, asked, signals, progress);
    if (!served && served.error().cause.empty()) log::error(served.error().detail);
    if (!served && !served.error().cause.empty()) log::error(served.error().detail, {{"cause", served.error().cause}});
    if (served) log::info("The service has stopped");
    progress->at(StopProgress::Step::log_lines);
    return served.has_value();
}

}  // namespace productd
