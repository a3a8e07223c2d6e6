// The deadline of a call, handed to the server as a limit of its own, and to the connections. libmongoc 1.23 has no
// time-out for a call.
#pragma once

#include <mongoc/mongoc.h>

#include <chrono>
#include <optional>

#include "async/async.hpp"

namespace productd {

/// How long the server may work (`maxTimeMS`) on what must be answered at `deadline`: a little less than is left, so
/// that the answer arrives in time, and 1 ms at least. Nothing once the time is over.
std::optional<std::chrono::milliseconds> mongo_server_time(Deadline deadline);

/// While it lives, what its thread asks of bounded connections waits no longer than until soon after `deadline`: for
/// the answer of a server that ends its work then. A connection that is silent longer is given up, and what was asked
/// fails as by a broken connection. Of nested ones the inner holds.
class MongoPatience {
public:
    /// For the answer of a server that has ended its work by the deadline to arrive.
    static constexpr std::chrono::milliseconds grace{500};

    explicit MongoPatience(Deadline deadline);
    ~MongoPatience();
    MongoPatience(const MongoPatience&) = delete;
    MongoPatience& operator=(const MongoPatience&) = delete;

private:
    Deadline before_;
};

/// Has the client's connections, those it makes from now on, heed MongoPatience. To connect and to greet takes a second
/// at least, however little time is left: the driver takes a server whose connection fails for lost, to all calls.
void bound_connections(mongoc_client_t& client);

}  // namespace productd
