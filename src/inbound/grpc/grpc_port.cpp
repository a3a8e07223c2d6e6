// Tries the address itself, because gRPC does not say why it cannot listen.
#include "inbound/grpc/grpc_port.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>

namespace productd {

namespace asio = boost::asio;

std::string listening_address(const std::string& address, std::uint16_t port) {
    const bool is_v6 = address.find(':') != std::string::npos && !address.starts_with('[');
    return (is_v6 ? '[' + address + ']' : address) + ':' + std::to_string(port);
}

Error why_not_listening(const std::string& address, std::uint16_t port) {
    asio::io_context context;
    boost::system::error_code error;
    asio::ip::tcp::resolver resolver(context);
    const auto found = resolver.resolve(address, std::to_string(port), asio::ip::resolver_base::passive, error);
    for (auto entry = found.begin(); !error && entry != found.end(); ++entry) {
        asio::ip::tcp::acceptor acceptor(context);
        const asio::ip::tcp::endpoint endpoint = *entry;
        acceptor.open(endpoint.protocol(), error);
        if (!error) acceptor.set_option(asio::socket_base::reuse_address(true), error);
        if (!error) acceptor.bind(endpoint, error);
        if (!error) acceptor.listen(1, error);
    }
    const auto place = "Port " + std::to_string(port) + " on " + address;
    if (error == asio::error::address_in_use) {
        return {Errc::failed_precondition,
                place + " is in use: stop the process that holds it, or choose another with --grpc-port."};
    }
    if (error == asio::error::access_denied) {
        return {Errc::failed_precondition,
                place + " may not be opened by this user: choose one above 1023 with --grpc-port."};
    }
    const auto reason = error ? error.message() : "gRPC could not listen on it";
    return {Errc::failed_precondition, place + " cannot be opened: " + reason + ". Choose another with --grpc-port."};
}

}  // namespace productd
