// Where Redis is, and who logs in there.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>

namespace productd {

struct RedisSettings {
    std::string host = "localhost";
    std::string port = "6379";
    std::string user;  ///< Empty: Redis's `default`.
    std::string password;
    std::int64_t database = 0;
    bool tls = false;
    std::string ca_file;                               ///< PEM, whom to trust; empty: whom the system trusts.
    std::string certificate_file, key_file;            ///< PEM, for a server that asks for one; empty: none is shown.
    std::chrono::milliseconds connect_timeout{3'000};  ///< Redis.ConnectTimeout: with the TLS handshake.
    std::chrono::milliseconds timeout{250};            ///< Without an answer for so long the connection is given up.
    std::size_t in_flight_max = 10'000;  ///< Outcomes told and not answered, beyond which others are not told.

    std::string address() const { return host + ':' + port; }
};

}  // namespace productd
