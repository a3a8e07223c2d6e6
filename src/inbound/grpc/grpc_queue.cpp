// Fires the tags of a completion queue, and cuts off slow clients. Calls GrpcCall and its kinds.
#include "inbound/grpc/grpc_queue.hpp"

#include "async/thread_name.hpp"
#include "inbound/grpc/grpc_stream_call.hpp"
#include "inbound/grpc/grpc_unary_call.hpp"

namespace productd {

namespace {

/// Calls of one rpc that may arrive at one queue before its thread looks.
constexpr int calls_armed = 8;
constexpr std::chrono::seconds sweep_interval{1};

}  // namespace

GrpcQueue::~GrpcQueue() { stop(); }

void GrpcQueue::start(const GrpcMethods& methods, GrpcCalls& calls) {
    for (const auto& method : methods.unary) {
        for (int i = 0; i < calls_armed; ++i) GrpcUnaryCall::arm(method, calls, *this);
    }
    for (const auto& method : methods.streams) {
        for (int i = 0; i < calls_armed; ++i) GrpcStreamCall::arm(method, calls, *this);
    }
    thread_ = std::thread([this] { work(); });
}

void GrpcQueue::stop() {
    if (!queue_) return;
    queue_->Shutdown();
    if (thread_.joinable()) thread_.join();
    queue_.reset();
}

void GrpcQueue::work() {
    name_this_thread("grpc-queue");
    using Status = grpc::CompletionQueue::NextStatus;
    void* tag = nullptr;
    bool ok = false;
    while (true) {
        // An idle server sleeps: there is nobody to cut off.
        const auto wake = watched_.empty() ? std::chrono::system_clock::time_point::max()
                                           : std::chrono::system_clock::now() + sweep_interval;
        const auto status = queue_->AsyncNext(&tag, &ok, wake);
        if (status == Status::SHUTDOWN) return;
        if (status == Status::GOT_EVENT) static_cast<GrpcCall::Tag*>(tag)->fire(ok);
        sweep();
    }
}

void GrpcQueue::sweep() {
    const auto now = std::chrono::steady_clock::now();
    if (now < next_sweep_) return;
    next_sweep_ = now + sweep_interval;
    for (auto* call : watched_) call->cut_off_if_slow(now);
}

}  // namespace productd
