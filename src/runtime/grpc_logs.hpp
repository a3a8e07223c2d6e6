// What gRPC and protobuf say by themselves.
#pragma once

namespace productd {

/// Their lines go to our log from now on instead of bare to standard error, also those on account of broken peers.
/// Before the first use of gRPC.
void take_over_grpc_logs();

}  // namespace productd
