// Opening the address a server listens on, and saying in one sentence why it cannot be had.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/basic_socket_acceptor.hpp>
#include <boost/asio/generic/stream_protocol.hpp>
#include <cstdint>
#include <string>

#include "domain/result.hpp"
#include "inbound/http/http_settings.hpp"

namespace productd {

using HttpAcceptor = boost::asio::basic_socket_acceptor<boost::asio::generic::stream_protocol>;

/// Listens on host and port, or on the Unix socket, of `settings`. A Unix socket is for its owner only (0600); one
/// that was left behind by a process that is gone is replaced.
Result<HttpAcceptor> listen(const boost::asio::any_io_executor& executor, const HttpServerSettings& settings);

/// The port in use; 0 for a Unix socket.
std::uint16_t port_of(const HttpAcceptor& acceptor);

/// `192.0.2.1:50123`, or `unix`: for the access log.
std::string remote_of(const boost::asio::generic::stream_protocol::socket& socket);

}  // namespace productd
