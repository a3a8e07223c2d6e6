// One row of the table of rpcs.
#pragma once

#include <grpcpp/server_context.h>
#include <grpcpp/support/async_unary_call.h>
#include <grpcpp/support/byte_buffer.h>

#include <functional>
#include <optional>
#include <string>

#include "app/catalog/catalog.hpp"
#include "inbound/grpc/grpc_metrics.hpp"

namespace productd {

using GrpcReply = Result<grpc::ByteBuffer>;

/// What becomes of an answer in the making once nobody waits for it (deadline, cancelled).
enum class GrpcAbandoned {
    stops,     ///< Reads.
    finishes,  ///< Writes: cut off between the store and the cache, one would leave the cache behind.
};

/// One rpc of a service: how its calls are taken, and who answers them.
struct GrpcMethod {
    using Request =
        std::function<void(grpc::ServerContext*, grpc::ByteBuffer*, grpc::ServerAsyncResponseWriter<grpc::ByteBuffer>*,
                           grpc::ServerCompletionQueue*, void* tag)>;

    std::string name;
    std::string full_name;  ///< With its service's: `products.Products/Create`.
    GrpcAbandoned abandoned = GrpcAbandoned::stops;
    GrpcMethodMetrics metrics;
    Request request;
    /// What the decoded request will take at most, in bytes of memory; decodes nothing.
    std::function<std::size_t(const grpc::ByteBuffer&)> weight;
    /// Answers what needs no wait, on the thread that took the call; nothing leaves it to `answer`. May be empty.
    std::function<std::optional<GrpcReply>(const grpc::ByteBuffer&)> at_once;
    /// The bytes outlive the task.
    std::function<Task<grpc::ByteBuffer>(grpc::ByteBuffer&, RequestContext)> answer;
};

}  // namespace productd
