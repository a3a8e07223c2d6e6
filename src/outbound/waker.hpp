// Wakes a coroutine from any thread.
#pragma once

#include <atomic>
#include <boost/asio/post.hpp>
#include <memory>

#include "app/async.hpp"

namespace productd {

/// A Signal that any thread may give: at most one wake-up is on its way at a time, so that a busy writer does not flood
/// a slow subscriber.
class Waker : public std::enable_shared_from_this<Waker> {
public:
    explicit Waker(asio::any_io_executor executor) : executor_(std::move(executor)), signal_(executor_) {}

    /// The executor must still be alive.
    void wake() {
        if (on_its_way_.exchange(true)) return;
        asio::post(executor_, [self = shared_from_this()] {
            self->on_its_way_ = false;
            self->signal_.notify();
        });
    }

    /// On the executor, one waiter at a time.
    asio::awaitable<void> wait() { return signal_.wait(); }

private:
    asio::any_io_executor executor_;
    Signal signal_;
    std::atomic<bool> on_its_way_{false};
};

}  // namespace productd
