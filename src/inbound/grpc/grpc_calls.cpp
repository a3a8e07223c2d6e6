// Deals the calls out to executors, and counts them under a lock, so that who waits for none may destroy this at once.
#include "inbound/grpc/grpc_calls.hpp"

namespace productd {

asio::any_io_executor GrpcCalls::next_executor() {
    return executors_[next_.fetch_add(1, std::memory_order_relaxed) % executors_.size()];
}

void GrpcCalls::born() {
    const std::scoped_lock lock(mutex_);
    ++alive_;
}

void GrpcCalls::died() {
    const std::scoped_lock lock(mutex_);
    if (--alive_ == 0) none_.notify_all();
}

bool GrpcCalls::wait_until_none(std::chrono::system_clock::time_point deadline) {
    std::unique_lock lock(mutex_);
    return none_.wait_until(lock, deadline, [this] { return alive_ == 0; });
}

}  // namespace productd
