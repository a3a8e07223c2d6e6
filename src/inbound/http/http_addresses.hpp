// How many connections each client address has.
#pragma once

#include <cstddef>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <string_view>

namespace productd {

/// Any thread may use it.
class HttpAddresses {
public:
    /// A connection from `remote`, `192.0.2.1:50123`, has come or gone.
    void enter(std::string_view remote);
    void leave(std::string_view remote);
    /// The connections from the address of `remote`, whatever their ports.
    std::size_t connections(std::string_view remote) const;

private:
    mutable std::mutex mutex_;
    std::map<std::string, std::size_t, std::less<>> counts_;
};

}  // namespace productd
