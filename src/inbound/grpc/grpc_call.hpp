// One unary call from its arrival to its end. Knows no products: bytes in, bytes or an error out.
#pragma once

#include <grpcpp/server_context.h>
#include <grpcpp/support/async_unary_call.h>
#include <grpcpp/support/byte_buffer.h>

#include <atomic>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <vector>

#include "app/catalog/catalog.hpp"
#include "inbound/grpc/grpc_metrics.hpp"
#include "inbound/grpc/grpc_queue.hpp"
#include "inbound/grpc/grpc_settings.hpp"

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
    GrpcAbandoned abandoned = GrpcAbandoned::stops;
    GrpcMethodMetrics metrics;
    Request request;
    /// Answers what needs no wait, on the thread that took the call; nothing leaves it to `answer`. May be empty.
    std::function<std::optional<GrpcReply>(grpc::ByteBuffer&)> at_once;
    std::function<Task<grpc::ByteBuffer>(const grpc::ByteBuffer&, RequestContext)> answer;
};

/// What the calls of a server share: their bounds, where they run, and how many there are.
class GrpcCalls {
public:
    struct Limits {
        std::size_t in_flight_max = 0;
        std::chrono::milliseconds deadline_default{0};
        std::chrono::milliseconds deadline_max{0};
        std::chrono::milliseconds write_timeout{0};
        GrpcAccessLog access_log = GrpcAccessLog::all;
    };

    /// `executors` each run on one thread (or are strands) and outlive the calls.
    GrpcCalls(Limits limits, std::vector<asio::any_io_executor> executors)
        : limits_(limits), executors_(std::move(executors)) {}

    const Limits& limits() const { return limits_; }
    asio::any_io_executor next_executor();
    bool admit();  ///< Takes one of the places for calls in flight; false when none is free.
    void release();
    std::size_t in_flight() const { return in_flight_.load(std::memory_order_relaxed); }

    void born();
    void died();
    /// Waits until no call is left, neither waiting for a client nor in flight.
    void wait_until_none();

private:
    Limits limits_;
    std::vector<asio::any_io_executor> executors_;
    std::atomic<std::size_t> next_{0};
    std::atomic<std::size_t> in_flight_{0};
    std::mutex mutex_;
    std::condition_variable none_;
    std::size_t alive_ = 0;  // Guarded, so that who waits for none may destroy this at once.
};

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
    static asio::awaitable<void> run(std::shared_ptr<GrpcCall> call);
    static Task<grpc::ByteBuffer> guarded_answer(std::shared_ptr<GrpcCall> call);
    static Task<grpc::ByteBuffer> finished_answer(std::shared_ptr<GrpcCall> call);
    void finish(GrpcReply reply);
    void fail_with(const Error& error);
    void report(const grpc::Status& status, std::string_view request_id, const std::string& cause);
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
    std::optional<GrpcQueue::Place> place_;  ///< Among the calls in flight; nothing when it was refused.
    std::atomic<std::chrono::steady_clock::time_point> answered_at_{std::chrono::steady_clock::time_point::max()};
    std::atomic<bool> cancelled_{false};
    asio::any_io_executor executor_;  // Of the coroutine; empty when there is none. Only the queue's thread looks.
    asio::cancellation_signal cancellation_;
};

}  // namespace productd
