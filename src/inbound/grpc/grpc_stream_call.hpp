// A call with a stream of answers. No write of it is ever cancelled by itself: gRPC takes one at a time, and the end
// behind the last.
#pragma once

#include <grpcpp/support/async_stream.h>

#include "inbound/grpc/grpc_call.hpp"

namespace productd {

class GrpcStreamCall final : public GrpcCall, private GrpcSink {
public:
    GrpcStreamCall(const GrpcStreamMethod& method, GrpcCalls& calls, GrpcQueue& queue)
        : GrpcCall(method, calls, queue), streaming_(method) {}

    /// As GrpcUnaryCall::arm.
    static void arm(const GrpcStreamMethod& method, GrpcCalls& calls, GrpcQueue& queue);

private:
    void arm_next() override { arm(streaming_, calls_, queue_); }
    void start() override;
    void send_failure(const grpc::Status& status, Tag* tag) override { writer_.Finish(status, tag); }
    /// A client that does not read is not waited for by a stop.
    std::chrono::nanoseconds write_timeout() const override;
    Task<> write(std::vector<grpc::ByteBuffer> messages) override;

    static asio::awaitable<void> run(std::shared_ptr<GrpcStreamCall> call);
    Task<> guarded_run();
    void send_next();
    void written(bool ok);

    const GrpcStreamMethod& streaming_;
    grpc::ServerAsyncWriter<grpc::ByteBuffer> writer_{&context_};
    Tag written_{nullptr, static_cast<void (GrpcCall::*)(bool)>(&GrpcStreamCall::written)};
    std::unique_ptr<GrpcStream> stream_;
    // Of the page that is being written: the queue's thread has it until it tells the end.
    std::vector<grpc::ByteBuffer> page_;
    std::size_t next_ = 0;
    bool has_begun_ = false;
    // On the executor.
    std::optional<Signal> page_ended_;
    std::optional<bool> is_page_taken_;
};

}  // namespace productd
