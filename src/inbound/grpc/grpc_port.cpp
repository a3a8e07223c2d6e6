// Turns an error of the system into what a person can do about it. Calls nobody.
#include "inbound/grpc/grpc_port.hpp"

#include <boost/asio/error.hpp>

namespace productd {

namespace asio = boost::asio;

Error not_listening(const std::string& address, std::uint16_t port, const boost::system::error_code& error) {
    const auto place = "Port " + std::to_string(port) + " on " + address;
    if (error == asio::error::address_in_use) {
        return {Errc::failed_precondition,
                place + " is in use: stop the process that holds it, or choose another with --grpc-port."};
    }
    if (error == asio::error::access_denied) {
        return {Errc::failed_precondition,
                place + " may not be opened by this user: choose one above 1023 with --grpc-port."};
    }
    return {Errc::failed_precondition,
            place + " cannot be opened (" + error.message() + "): set Server.Address to an address of this machine."};
}

}  // namespace productd
