// Asks the system, and shares out what it gives. Calls nobody.
#include "runtime/open_files.hpp"

#include <fmt/format.h>
#include <sys/resource.h>

#include <algorithm>
#include <limits>

namespace productd {

namespace {

/// Files of log and store, sockets to dependencies, what threads and loops have, and some air.
constexpr std::size_t reserve = 160;
constexpr std::size_t files_of_a_reader = 3;  // The data file, its WAL and its index.
constexpr std::size_t admin_connections = 16;
constexpr std::size_t connections_min = 8;  // Of each server, however little there is.

}  // namespace

std::size_t raise_open_files() {
    rlimit limit{};
    if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return 1'024;  // What POSIX systems have at least, nearly all.
    if (limit.rlim_cur < limit.rlim_max) {
        rlimit raised{limit.rlim_max, limit.rlim_max};
        if (::setrlimit(RLIMIT_NOFILE, &raised) == 0) limit = raised;
    }
    return limit.rlim_cur == RLIM_INFINITY ? std::numeric_limits<std::size_t>::max() : limit.rlim_cur;
}

std::string fit_connections(Config& config, std::size_t open_files_max) {
    auto& http = config.http.limits.connections_max;
    auto& grpc = config.server.connections_max;
    const auto taken = reserve + files_of_a_reader * config.store.reader_threads +
                       config.metrics.limits.connections_max + admin_connections;
    const auto left = open_files_max > taken ? open_files_max - taken : 0;
    const auto wanted = http + grpc;
    if (wanted <= left) return {};
    const auto share = [&](std::size_t of) {
        return std::clamp(
            static_cast<std::size_t>(static_cast<double>(of) * static_cast<double>(left) / static_cast<double>(wanted)),
            std::min(of, connections_min), of);
    };
    auto sentence = fmt::format(
        "Http.ConnectionsMax {} and Server.ConnectionsMax {} do not fit into the {} files the process may have open: "
        "they are {} and {} now. Raise the limit (ulimit -n, LimitNOFILE of systemd), or lower them.",
        http, grpc, open_files_max, share(http), share(grpc));
    const auto http_share = share(http);
    const auto grpc_share = share(grpc);
    http = http_share;
    grpc = grpc_share;
    return sentence;
}

}  // namespace productd
