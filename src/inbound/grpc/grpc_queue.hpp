// A completion queue and the one thread that works it off.
#pragma once

#include <grpcpp/completion_queue.h>

#include <chrono>
#include <list>
#include <memory>
#include <thread>

namespace productd {

class GrpcCall;
class GrpcCalls;
struct GrpcMethods;

class GrpcQueue {
public:
    using Place = std::list<GrpcCall*>::iterator;

    explicit GrpcQueue(std::unique_ptr<grpc::ServerCompletionQueue> queue) : queue_(std::move(queue)) {}
    ~GrpcQueue();
    GrpcQueue(const GrpcQueue&) = delete;
    GrpcQueue& operator=(const GrpcQueue&) = delete;

    /// Waits for calls of each of `methods`, which outlive it, and works them off, on a thread of its own.
    void start(const GrpcMethods& methods, GrpcCalls& calls);
    /// Joins the thread. Only once no call is left: nothing may be asked of the queue again.
    void stop();

    grpc::ServerCompletionQueue& queue() { return *queue_; }

    // From its own thread only: the calls in flight, looked at once a second for clients that do not take their answer.
    Place watch(GrpcCall& call) { return watched_.insert(watched_.end(), &call); }
    void forget(Place place) { watched_.erase(place); }

private:
    void work();
    void sweep();

    std::unique_ptr<grpc::ServerCompletionQueue> queue_;
    std::list<GrpcCall*> watched_;
    std::chrono::steady_clock::time_point next_sweep_{};
    std::thread thread_;
};

}  // namespace productd
