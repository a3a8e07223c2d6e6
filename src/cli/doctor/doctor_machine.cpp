// Ports, open files and clock, for `productd doctor`. Calls the kernel.
#include <fmt/format.h>
#include <sys/resource.h>

#include <array>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>

#include "cli/doctor/doctor_checks.hpp"
#include "cli/doctor/listening_sockets.hpp"
#include "runtime/data_files.hpp"

namespace productd {

namespace {

using boost::asio::ip::tcp;
using boost::system::error_code;

constexpr std::size_t files_besides_connections = 64;  // Databases, listeners, gRPC's own.
constexpr auto earliest = std::chrono::sys_days(std::chrono::year(2024) / 1 / 1);
constexpr auto latest = std::chrono::sys_days(std::chrono::year(2100) / 1 / 1);
constexpr auto clock_slack = std::chrono::minutes(1);

struct Listener {
    const char* key;
    const char* flag;
    const std::string& address;
    std::uint16_t port;
};

/// As the service would bind it.
error_code bind(const Listener& listener) {
    boost::asio::io_context context;
    error_code error;
    const auto address = boost::asio::ip::make_address(listener.address, error);
    if (error) return error;
    tcp::acceptor acceptor(context);
    const tcp::endpoint endpoint(address, listener.port);
    acceptor.open(endpoint.protocol(), error);
    if (!error) acceptor.set_option(tcp::acceptor::reuse_address(true), error);
    if (!error) acceptor.bind(endpoint, error);
    return error;
}

Finding in_use(const Listener& listener, const std::string& where, const Examined& examined) {
    const auto whose = fmt::format("`ss -ltnp sport = :{}` shows by whom; stop that, or choose another port with {}.",
                                   listener.port, listener.flag);
    if (!examined.running) return {Verdict::fail, fmt::format("{} is in use: {}", where, whose)};
    switch (examined.service ? listens_on(*examined.service, listener.port) : Listens::unknown) {
        case Listens::yes:
            return {Verdict::ok, fmt::format("{} is in use by the service that runs on this data folder.", where)};
        case Listens::no:
            return {Verdict::fail, fmt::format("{} is in use, and not by the service that runs on this data folder: {}",
                                               where, whose)};
        case Listens::unknown:
            return {Verdict::warn,
                    fmt::format("{} is in use, whether by the service that runs on this data folder this user cannot "
                                "see: {}",
                                where, whose)};
    }
    std::unreachable();
}

Finding check(const Listener& listener, const Examined& examined) {
    const auto where = fmt::format("{}:{} ({})", listener.address, listener.port, listener.key);
    if (listener.port == 0) return {Verdict::ok, fmt::format("{} takes a free port.", listener.key)};
    const auto error = bind(listener);
    if (!error) return {Verdict::ok, fmt::format("{} is free.", where)};
    if (error == boost::asio::error::address_in_use) return in_use(listener, where, examined);
    if (error == boost::asio::error::access_denied) {
        return {Verdict::fail, fmt::format("{} is not allowed for this user: choose a port from 1024 on with {}.",
                                           where, listener.flag)};
    }
    return {Verdict::fail, fmt::format("{} cannot be listened on ({}): check {} and its Address.", where,
                                       error.message(), listener.key)};
}

}  // namespace

Findings check_ports(const Examined& examined) {
    const auto& config = examined.loaded.config;
    const std::array listeners{
        Listener{"Http.Port", "--http-port", config.http.host, config.http.port},
        Listener{"Server.Port", "--grpc-port", config.server.address, config.server.port},
        Listener{"Metrics.Port", "--metrics-port", config.metrics.host, config.metrics.port},
    };
    Findings findings;
    for (const auto& listener : listeners) findings.push_back(check(listener, examined));
    return findings;
}

Findings check_open_files(const Examined& examined) {
    rlimit limit{};
    if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return {{Verdict::warn, "The limit of open files is not known."}};
    const auto needed = examined.loaded.config.http.limits.connections_max + files_besides_connections;
    if (limit.rlim_cur >= needed) return {{Verdict::ok, fmt::format("{} files may be open.", limit.rlim_cur)}};
    return {
        {Verdict::warn,
         fmt::format("Only {} files may be open, but Http.ConnectionsMax needs {}: raise it with `ulimit -n {}`, or "
                     "lower Http.ConnectionsMax.",
                     limit.rlim_cur, needed, needed)}};
}

Findings check_clock(const Examined& examined) {
    if (examined.now < earliest || examined.now > latest) {
        return {{Verdict::fail, "The system's clock is not set: set it, since products and events carry its time."}};
    }
    std::error_code error;
    const auto written = std::filesystem::last_write_time(data_files(examined.loaded.config).log, error);
    if (!error && std::chrono::file_clock::to_sys(written) > examined.now + clock_slack) {
        return {{Verdict::warn, "The event log was written in what is now the future: check the system's clock."}};
    }
    return {{Verdict::ok, "The system's clock is plausible."}};
}

}  // namespace productd
