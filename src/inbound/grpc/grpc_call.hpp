// What every call has, from its arrival to its end. Knows no products: bytes in, bytes or an error out.
#pragma once

#include <grpcpp/server_context.h>
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

    virtual ~GrpcCall();
    GrpcCall(const GrpcCall&) = delete;
    GrpcCall& operator=(const GrpcCall&) = delete;

    /// Cancels the call if its client has not taken in time what was sent.
    void cut_off_if_slow(std::chrono::steady_clock::time_point now);

protected:
    GrpcCall(const GrpcMethod& method, GrpcCalls& calls, GrpcQueue& queue);

    /// Has the next call of this method taken.
    virtual void arm_next() = 0;
    /// It has arrived, and is seen as under way.
    virtual void start() = 0;
    /// Hands `status` to gRPC, which gives `tag` back.
    virtual void send_failure(const grpc::Status& status, Tag* tag) = 0;
    /// How long the client may take over what was sent.
    virtual std::chrono::nanoseconds write_timeout() const { return calls_.limits().write_timeout; }

    /// A tag that is given to gRPC now.
    Tag* given(Tag& tag) {
        tag.call = shared_from_this();
        return &tag;
    }
    /// Of its arrival; has gRPC tell its end, too.
    Tag* arrives() {
        context_.AsyncNotifyWhenDone(given(ended_));
        return given(arrived_);
    }
    Tag* finishes() { return given(finished_); }

    /// Holds as much of the budget at least; a call that needs little is not counted, so that one can still be made
    /// when large ones have taken it all.
    bool hold(std::size_t bytes);
    /// Ends a call that was not let in.
    void refuse(const Error& error);
    /// Notes that the call ends well; the sending of that is still to come.
    void succeed();
    /// Notes and sends it.
    void fail_with(const Error& error);
    std::chrono::nanoseconds age() const { return std::chrono::steady_clock::now() - arrived_at_; }

    /// Runs `coroutine` on the executor, which the end of the call cancels.
    void spawn(asio::awaitable<void> coroutine);

    // What the client has not taken yet is watched from here on, or no more.
    void sending() { sent_at_.store(std::chrono::steady_clock::now(), std::memory_order_relaxed); }
    void sent() { sent_at_.store(std::chrono::steady_clock::time_point::max(), std::memory_order_relaxed); }

    GrpcCalls& calls_;
    GrpcQueue& queue_;
    grpc::ServerContext context_;
    grpc::ByteBuffer request_;
    std::chrono::steady_clock::time_point arrived_at_;
    Deadline deadline_;
    ByteBudget::Share held_{calls_.bytes()};
    Admission* place_taken_ = nullptr;  ///< Among those in flight, or those refused.
    Span span_;
    asio::any_io_executor executor_;  // The coroutine's; empty when there is none. Only the queue's thread looks.

private:
    void arrived(bool ok);
    void finished(bool ok);
    void ended(bool ok);

    Error seen_by_client(const Error& error) const;
    void begin_span();
    void end_span(const grpc::Status& status);
    void report_success();
    void report(const grpc::Status& status, std::string_view request_id, const std::string& cause,
                std::optional<double> sample = {});

    const GrpcMethod& method_;
    Tag arrived_{nullptr, &GrpcCall::arrived};
    Tag finished_{nullptr, &GrpcCall::finished};
    Tag ended_{nullptr, &GrpcCall::ended};
    std::optional<GrpcQueue::Place> place_;  ///< Among the calls the queue watches, once it has arrived.
    std::atomic<std::chrono::steady_clock::time_point> sent_at_{std::chrono::steady_clock::time_point::max()};
    std::atomic<bool> cancelled_{false};
    asio::cancellation_signal cancellation_;
};

/// What a call fails with whose bytes find no room in the budget.
Error no_room_for_call();

/// The answer of a handler that threw, which shows nothing of why.
Error failed_to_answer(const std::exception& exception);

}  // namespace productd
