// TCP and Unix domain sockets behind one acceptor type. Calls Asio and the file system.
#include "inbound/http/http_listen.hpp"

#include <fmt/format.h>
#include <sys/stat.h>

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <cstring>

namespace productd {

namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using Unix = asio::local::stream_protocol;
using Generic = asio::generic::stream_protocol;
using Code = boost::system::error_code;

constexpr int backlog = 4'096;

std::unexpected<Error> refuse(std::string detail) { return fail(Errc::failed_precondition, std::move(detail)); }

std::unexpected<Error> tcp_failure(const Code& error, const HttpServerSettings& settings) {
    const auto& setting = settings.address_setting;
    if (error == asio::error::address_in_use) {
        return refuse(fmt::format("Port {} on {} is in use: stop what listens there, or choose another with {}.",
                                  settings.port, settings.host, setting));
    }
    if (error == asio::error::access_denied) {
        return refuse(fmt::format("Port {} on {} may not be opened by this user: choose one above 1023 with {}.",
                                  settings.port, settings.host, setting));
    }
    return refuse(fmt::format("Port {} on {} cannot be opened ({}): set {} to an address of this machine.",
                              settings.port, settings.host, error.message(), settings.host_setting));
}

Result<HttpAcceptor> listen_tcp(const asio::any_io_executor& executor, const HttpServerSettings& settings) {
    Code error;
    auto address = asio::ip::make_address(settings.host, error);
    if (error) {
        tcp::resolver resolver(executor);
        const auto found = resolver.resolve(settings.host, std::to_string(settings.port), error);
        if (error || found.empty()) {
            return refuse(
                fmt::format("{} is no address: set {} to one of this machine.", settings.host, settings.host_setting));
        }
        address = found.begin()->endpoint().address();
    }
    const tcp::endpoint endpoint(address, settings.port);
    HttpAcceptor acceptor(executor);
    acceptor.open(endpoint.protocol(), error);
    if (!error) acceptor.set_option(tcp::acceptor::reuse_address(true), error);
    if (!error) acceptor.bind(endpoint, error);
    if (!error) acceptor.listen(backlog, error);
    if (error) return tcp_failure(error, settings);
    return acceptor;
}

/// Removes a socket nobody listens on; fails when somebody does, or when the file is no socket.
Result<> clear_way(const asio::any_io_executor& executor, const HttpServerSettings& settings) {
    const auto& path = settings.unix_socket;
    struct stat status{};
    if (::lstat(path.c_str(), &status) != 0) return {};
    if (!S_ISSOCK(status.st_mode)) {
        return refuse(fmt::format("{} is in the way, and is no socket: move it, or choose another with {}.",
                                  path.string(), settings.address_setting));
    }
    Unix::socket probe(executor);
    Code error;
    probe.connect(Unix::endpoint(path.string()), error);
    if (!error) {
        return refuse(fmt::format("{} is in use by another process: stop it, or choose another with {}.", path.string(),
                                  settings.address_setting));
    }
    std::error_code ignored;
    std::filesystem::remove(path, ignored);
    return {};
}

Result<HttpAcceptor> listen_unix(const asio::any_io_executor& executor, const HttpServerSettings& settings) {
    const auto path = settings.unix_socket.string();
    constexpr std::size_t path_bytes_max = sizeof(sockaddr_un::sun_path) - 1;
    if (path.size() > path_bytes_max) {
        return refuse(fmt::format("The path {} is longer than the {} bytes a socket may have: choose another with {}.",
                                  path, path_bytes_max, settings.address_setting));
    }
    if (auto clear = clear_way(executor, settings); !clear) return fail(std::move(clear).error());
    const Unix::endpoint endpoint(path);
    HttpAcceptor acceptor(executor);
    Code error;
    acceptor.open(endpoint.protocol(), error);
    if (!error) acceptor.bind(endpoint, error);
    // Nobody can connect before listen(), so there is no moment in which others could.
    if (!error && ::chmod(path.c_str(), S_IRUSR | S_IWUSR) != 0) error.assign(errno, boost::system::system_category());
    if (!error) acceptor.listen(backlog, error);
    if (error) {
        return refuse(fmt::format("The socket {} cannot be made ({}): check its folder, or choose another with {}.",
                                  path, error.message(), settings.address_setting));
    }
    return acceptor;
}

tcp::endpoint tcp_endpoint(const Generic::endpoint& generic) {
    tcp::endpoint endpoint;
    if (generic.size() > endpoint.capacity()) return endpoint;
    std::memcpy(endpoint.data(), generic.data(), generic.size());
    endpoint.resize(generic.size());
    return endpoint;
}

bool is_internet(const Generic::endpoint& endpoint) {
    return endpoint.protocol().family() == AF_INET || endpoint.protocol().family() == AF_INET6;
}

}  // namespace

Result<HttpAcceptor> listen(const asio::any_io_executor& executor, const HttpServerSettings& settings) {
    return settings.unix_socket.empty() ? listen_tcp(executor, settings) : listen_unix(executor, settings);
}

std::uint16_t port_of(const HttpAcceptor& acceptor) {
    Code error;
    const auto endpoint = acceptor.local_endpoint(error);
    return error || !is_internet(endpoint) ? std::uint16_t{0} : tcp_endpoint(endpoint).port();
}

std::string remote_of(const Generic::socket& socket) {
    Code error;
    const auto generic = socket.remote_endpoint(error);
    if (error || !is_internet(generic)) return "unix";
    const auto endpoint = tcp_endpoint(generic);
    return fmt::format("{}:{}", endpoint.address().to_string(), endpoint.port());
}

}  // namespace productd
