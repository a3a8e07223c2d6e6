// Errors as gRPC tells them: one table of codes, and google.rpc.BadRequest for bad fields.
#pragma once

#include <grpcpp/support/status.h>

#include "domain/result.hpp"

namespace productd {

/// The code a client sees for each of ours.
grpc::StatusCode grpc_status(Errc code);

/// `NotFound` and so on: the spelling of the label `grpc_code` in the standard metrics.
const char* grpc_code_name(grpc::StatusCode code);

/// `NOT_FOUND` and so on: as gRPC's own documents spell it, and spans do.
const char* grpc_code_constant(grpc::StatusCode code);

/// Whether it says that the service failed, and not who asked.
bool is_servers_fault(grpc::StatusCode code);

/// The status for `error`: its detail, and its violations as google.rpc.BadRequest in the status details, cut to what
/// every client takes in a trailer. Error.cause stays here.
grpc::Status grpc_status(const Error& error);

}  // namespace productd
