// Where the body of an answer comes from that goes on for long: pieces, one after the other.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <optional>
#include <string>

namespace productd {

/// Of one answer, asked on the executor of its connection, one piece at a time. It is destroyed there as soon as nobody
/// waits for more.
class HttpBodySource {
public:
    virtual ~HttpBodySource() = default;

    /// The next piece, which is sent at once; nothing is the end of the answer, an empty text is not. The next is asked
    /// for only once the one before was handed to the socket, so a slow reader keeps one in memory. Up to 16 KiB always
    /// have room; what is larger counts in Limits.answers_bytes_max, and ends the answer where there is none left.
    ///
    /// May wait for ever: no deadline is watched. It is cancelled when the client is gone, and after stop(); the calls
    /// it waits in end then, and it has to return, whatever it is. What it throws ends the answer in the middle.
    virtual boost::asio::awaitable<std::optional<std::string>> next() = 0;

    /// The server stops. What next() returns from here on, now if it waits, is the last piece: it may say where its
    /// reader can go on. Told once at most. Whoever does not care leaves it out: next() is cancelled in any case.
    virtual void stop() noexcept {}
};

}  // namespace productd
