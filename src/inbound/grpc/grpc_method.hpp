// The rows of the table of rpcs.
#pragma once

#include <grpcpp/server_context.h>
#include <grpcpp/support/async_stream.h>
#include <grpcpp/support/async_unary_call.h>
#include <grpcpp/support/byte_buffer.h>

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "app/catalog/catalog.hpp"
#include "inbound/grpc/grpc_metrics.hpp"

namespace productd {

using GrpcReply = Result<grpc::ByteBuffer>;

/// What becomes of an answer in the making once nobody waits for it (deadline, cancelled).
enum class GrpcAbandoned {
    stops,     ///< Reads.
    finishes,  ///< Writes: cut off between the store and the cache, one would leave the cache behind.
};

/// What every rpc of a service has.
struct GrpcMethod {
    std::string name;
    std::string full_name;  ///< With its service's: `products.Products/Create`.
    GrpcMethodMetrics metrics;
    /// What the decoded request will take at most, in bytes of memory; decodes nothing.
    std::function<std::size_t(const grpc::ByteBuffer&)> weight;
};

/// A request and its answer: how such calls are taken, and who answers them.
struct GrpcUnaryMethod : GrpcMethod {
    using Request =
        std::function<void(grpc::ServerContext*, grpc::ByteBuffer*, grpc::ServerAsyncResponseWriter<grpc::ByteBuffer>*,
                           grpc::ServerCompletionQueue*, void* tag)>;

    GrpcAbandoned abandoned = GrpcAbandoned::stops;
    Request request;
    /// Answers what needs no wait, on the thread that took the call; nothing leaves it to `answer`. May be empty.
    std::function<std::optional<GrpcReply>(const grpc::ByteBuffer&)> at_once;
    /// The bytes outlive the task.
    std::function<Task<grpc::ByteBuffer>(grpc::ByteBuffer&, RequestContext)> answer;
};

/// Where the messages of a stream go. Used by one coroutine, on its executor.
class GrpcSink {
public:
    virtual ~GrpcSink() = default;
    /// Resumes once gRPC has sent all of them, in this order: no sooner than the client makes room for them. Until then
    /// they count in the budget of bytes. Fails with cancelled once nobody takes them any more, and with
    /// resource_exhausted, sending none, where the budget has no room.
    virtual Task<> write(std::vector<grpc::ByteBuffer> messages) = 0;
};

/// One stream, from when it was let in until its client has been told its end.
class GrpcStream {
public:
    virtual ~GrpcStream() = default;
    /// Writes until there is no more to say, or the coroutine is cancelled. What it returns is how the stream ends.
    virtual Task<> run(GrpcSink& sink, SpanContext trace) = 0;
};

/// A request and a stream of answers.
struct GrpcStreamMethod : GrpcMethod {
    using Request =
        std::function<void(grpc::ServerContext*, grpc::ByteBuffer*, grpc::ServerAsyncWriter<grpc::ByteBuffer>*,
                           grpc::ServerCompletionQueue*, void* tag)>;

    Request request;
    /// Lets a stream in, or says why not; on the thread that took the call, without a wait.
    std::function<Result<std::unique_ptr<GrpcStream>>(const grpc::ByteBuffer&)> open;
    /// Whether all streams are to end.
    std::function<bool()> is_stopping;
};

/// The rpcs of a service.
struct GrpcMethods {
    std::vector<GrpcUnaryMethod> unary;
    std::vector<GrpcStreamMethod> streams;
};

}  // namespace productd
