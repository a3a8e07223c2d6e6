// All servers stop taking calls at the same moment, and drain side by side.
#pragma once

#include <vector>

#include "inbound/grpc/grpc_server.hpp"
#include "inbound/http/http_server.hpp"

namespace productd {

/// Stops servers that have started; `grpc` may be null. `executor` is one of those they run on. Returns when all have
/// stopped: a second or two after `deadline` at the latest, when they cut what is left. False when some clients did not
/// take their answers in time. Not from one of their executors.
bool stop_servers(const asio::any_io_executor& executor, const std::vector<HttpServer*>& http, GrpcServer* grpc,
                  Deadline deadline);

}  // namespace productd
