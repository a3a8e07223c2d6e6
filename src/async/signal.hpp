// Waits of one executor: for a time, or for an event that a coroutine or callback of the same executor gives.
#pragma once

#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>

#include "async/task.hpp"

namespace productd {

/// Resumes once `deadline` has passed, or at once when the coroutine is cancelled.
asio::awaitable<void> sleep_until(Deadline deadline);

/// A one-slot event for coroutines of one executor: wait() resumes after notify(). A notification that comes while
/// nobody waits is kept, so none is lost. Not thread-safe: notify from the same executor.
class Signal {
public:
    explicit Signal(const asio::any_io_executor& executor) : timer_(executor, Deadline::max()) {}

    void notify();
    /// At most one coroutine waits at a time.
    asio::awaitable<void> wait();
    /// Waits no longer than `deadline`.
    asio::awaitable<void> wait_until(Deadline deadline);

private:
    asio::steady_timer timer_;
    bool notified_ = false;
};

}  // namespace productd
