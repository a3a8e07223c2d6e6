// One unary call from its arrival to its end. Knows no products: bytes in, bytes or an error out.
#pragma once

#include <grpcpp/server_context.h>
#include <grpcpp/support/async_unary_call.h>
#include <grpcpp/support/byte_buffer.h>

#include <atomic>
#include <memory>
#include <optional>

#include "inbound/grpc/grpc_calls.hpp"
#include "inbound/grpc/grpc_method.hpp"
#include "inbound/grpc/grpc_queue.hpp"
#include "tracing/tracer.hpp"

namespace productd {

class GrpcCall : public std::enable_shared_from_this<GrpcCall> {
public:
    /// What a completion queue hands back. Keeps its call alive until then.
    struct Tag {
        std::shared_ptr<GrpcCall> call;
        void (GrpcCall::*step)(bool ok);
        void fire(bool ok) {
            const auto alive = std::move(call);
            ((*alive).*step)(ok);
        }
    };

    GrpcCall(const GrpcMethod& method, GrpcCalls& calls, GrpcQueue& queue);
    ~GrpcCall();
    GrpcCall(const GrpcCall&) = delete;
    GrpcCall& operator=(const GrpcCall&) = delete;

    /// Waits for a client's call of `method` on `queue`; each that arrives arms the next. Ends when the server stops.
    static void arm(const GrpcMethod& method, GrpcCalls& calls, GrpcQueue& queue);
    /// Cancels the call if its client has not taken the answer in time.
    void cut_off_if_slow(std::chrono::steady_clock::time_point now);

private:
    void arrived(bool ok);
    void finished(bool ok);
    void ended(bool ok);

    void start();
    bool hold(std::size_t bytes);
    void refuse();
    void begin_span();
    void end_span(const grpc::Status& status);
    static asio::awaitable<void> run(std::shared_ptr<GrpcCall> call);
    static Task<grpc::ByteBuffer> guarded_answer(std::shared_ptr<GrpcCall> call);
    static Task<grpc::ByteBuffer> finished_answer(std::shared_ptr<GrpcCall> call);
    void finish(GrpcReply reply);
    void fail_with(const Error& error);
    void report_success();
    void report(const grpc::Status& status, std::string_view request_id, const std::string& cause,
                std::optional<double> sample = {});
    std::chrono::nanoseconds age() const;

    const GrpcMethod& method_;
    GrpcCalls& calls_;
    GrpcQueue& queue_;
    grpc::ServerContext context_;
    grpc::ByteBuffer request_;
    grpc::ServerAsyncResponseWriter<grpc::ByteBuffer> writer_{&context_};
    Tag arrived_{nullptr, &GrpcCall::arrived};
    Tag finished_{nullptr, &GrpcCall::finished};
    Tag ended_{nullptr, &GrpcCall::ended};
    std::chrono::steady_clock::time_point arrived_at_;
    Deadline deadline_;
    ByteBudget::Share held_{calls_.bytes()};
    std::optional<GrpcQueue::Place> place_;  ///< Among the calls the queue watches, once it has arrived.
    Admission* place_taken_ = nullptr;       ///< Among those in flight, or those refused.
    std::atomic<std::chrono::steady_clock::time_point> answered_at_{std::chrono::steady_clock::time_point::max()};
    std::atomic<bool> cancelled_{false};
    Span span_;
    asio::any_io_executor executor_;  // The coroutine's; empty when there is none. Only the queue's thread looks.
    asio::cancellation_signal cancellation_;
};

}  // namespace productd
