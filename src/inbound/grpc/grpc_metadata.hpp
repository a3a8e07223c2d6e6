// What a client tells beside its message: how long it waits, and which request this is.
#pragma once

#include <grpcpp/server_context.h>

#include <chrono>
#include <string>
#include <string_view>

#include "inbound/grpc/grpc_calls.hpp"

namespace productd {

/// The first value of `name` (lower case), empty when there is none.
std::string metadata(const grpc::ServerContext& context, std::string_view name);

/// How long the call may take: what the client's deadline leaves, at most `deadline_max`; `deadline_default` when it
/// set none. Never negative.
std::chrono::nanoseconds time_allowed(const grpc::ServerContext& context, const GrpcCalls::Limits& limits);

/// Of a call that arrived at `arrived`: the client's own, or never.
Deadline deadline_of_client(const grpc::ServerContext& context, Deadline arrived);

/// The client's `x-request-id` if it is accepted, else one of ours.
std::string request_id(const grpc::ServerContext& context);

}  // namespace productd
