// Whether our listeners hear somebody who comes from outside.
#pragma once

#include <boost/asio/ip/tcp.hpp>
#include <mutex>
#include <string>
#include <vector>

#include "async/async.hpp"

namespace productd {

/// Thread-safe.
class ListenersCheck {
public:
    /// From now on looked at. `name` is for people: `gRPC`.
    void watch(std::string name, const std::string& host, std::uint16_t port);
    /// From now on nothing is looked at: they are about to close.
    void stop();
    /// Connects to each, says at once that nothing follows, and waits for the listener to close, too: it has then
    /// accepted and read. A connection alone would prove nothing, for the system makes it. unavailable otherwise,
    /// within `patience` for each.
    Task<> check();

private:
    struct Listener {
        std::string name;
        boost::asio::ip::tcp::endpoint endpoint;
    };
    std::mutex mutex_;
    std::vector<Listener> listeners_;
};

}  // namespace productd
