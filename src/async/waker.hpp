// Wakes a coroutine from any thread.
#pragma once

#include <atomic>
#include <boost/asio/post.hpp>
#include <memory>
#include <mutex>
#include <optional>

#include "async/async.hpp"

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
    std::mutex mutex_;  ///< Of ending; whether there is a signal is asked without it on the executor alone.
    std::optional<Signal> signal_;
    std::atomic<bool> on_its_way_{false};
};

}  // namespace productd
