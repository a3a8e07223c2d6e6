// A question to this machine's running service, through one of the ports that the configuration has it listen on.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "async/async.hpp"
#include "runtime/certificate/certificate.hpp"
#include "runtime/config/config.hpp"

namespace productd {

struct OwnListener {
    /// Where to connect, one after the other until somebody listens, at least one: loopback for one that is on every
    /// interface, which with `::` is that of IPv4 too, as a machine may have no other.
    std::vector<std::string> addresses;
    std::uint16_t port = 0;
    std::optional<Certificate> certificate;  ///< The only one that is trusted; nothing: without TLS.

    /// Of the first address, `https://127.0.0.1:5007`.
    std::string url() const;
};

/// That of REST, or of the metrics where clients of REST must show a certificate. Fails with failed_precondition when
/// its port is 0, which tells nobody where it is, or when the certificate cannot be read.
Result<OwnListener> own_listener(const Config& config);

struct OwnAnswer {
    std::string url;  ///< Of the address that answered.
    unsigned status = 0;
    std::string body;
};

/// GET `target`. Fails with unavailable when nobody listens there, when who does shows another certificate, and when it
/// breaks off; with deadline_exceeded after `time`.
Task<OwnAnswer> ask(OwnListener listener, std::string target, std::chrono::milliseconds time);

}  // namespace productd
