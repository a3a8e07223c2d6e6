// Wakes a coroutine from any thread, as often as something happens.
//
// Beside Answer (answered.hpp), which is for a call that ends once with a result: a Waker carries nothing, wake-ups
// that come before the coroutine runs are one, and it outlives its executor, since librdkafka's queues and other
// subscribers may wake whom nobody waits for any more. So it does not count as work of the event loop, and end() cuts
// it off. Both come back the same way: posted to the coroutine's executor, never inside the call that wakes.
#pragma once

#include <atomic>
#include <memory>
#include <mutex>
#include <optional>

#include "async/signal.hpp"

namespace productd {

/// A Signal that any thread may give: at most one wake-up is on its way at a time, so that a busy writer does not flood
/// a slow subscriber.
class Waker : public std::enable_shared_from_this<Waker> {
public:
    explicit Waker(asio::any_io_executor executor) : executor_(std::move(executor)) { signal_.emplace(executor_); }

    /// The executor must still be alive, or end() have been called.
    void wake() {
        if (on_its_way_.exchange(true)) return;
        const std::scoped_lock lock(mutex_);
        if (!signal_) return;
        asio::post(executor_, [self = shared_from_this()] {
            self->on_its_way_ = false;
            if (self->signal_) self->signal_->notify();
        });
    }

    /// On the executor, one waiter at a time.
    asio::awaitable<void> wait() { return signal_->wait(); }

    /// Wakes nobody any more, and needs no executor. On the executor, without a waiter.
    void end() {
        const std::scoped_lock lock(mutex_);
        signal_.reset();
    }

private:
    asio::any_io_executor executor_;
    std::mutex mutex_;  ///< Held to end and to wake; on the executor the signal is asked for without it.
    std::optional<Signal> signal_;
    std::atomic<bool> on_its_way_{false};
};

}  // namespace productd
