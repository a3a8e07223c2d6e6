// A call with one answer.
#pragma once

#include <grpcpp/support/async_unary_call.h>

#include "inbound/grpc/grpc_call.hpp"

namespace productd {

class GrpcUnaryCall final : public GrpcCall {
public:
    GrpcUnaryCall(const GrpcUnaryMethod& method, GrpcCalls& calls, GrpcQueue& queue)
        : GrpcCall(method, calls, queue), unary_(method) {}

    /// Waits for a client's call of `method` on `queue`; each that arrives arms the next. Ends when the server stops.
    static void arm(const GrpcUnaryMethod& method, GrpcCalls& calls, GrpcQueue& queue);

private:
    void arm_next() override { arm(unary_, calls_, queue_); }
    void start() override;
    void send_failure(const grpc::Status& status, Tag* tag) override { writer_.FinishWithError(status, tag); }

    static asio::awaitable<void> run(std::shared_ptr<GrpcUnaryCall> call);
    static Task<grpc::ByteBuffer> guarded_answer(std::shared_ptr<GrpcUnaryCall> call);
    static Task<grpc::ByteBuffer> finished_answer(std::shared_ptr<GrpcUnaryCall> call);
    void finish(GrpcReply reply);

    const GrpcUnaryMethod& unary_;
    grpc::ServerAsyncResponseWriter<grpc::ByteBuffer> writer_{&context_};
};

}  // namespace productd
