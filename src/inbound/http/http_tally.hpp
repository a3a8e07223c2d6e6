// Counts what runs on several executors, so that one coroutine can wait for the end of it. No Admission: it refuses
// nothing, and the last to leave wakes who waits, which takes a lock.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <cstddef>
#include <memory>
#include <mutex>

#include "async/async.hpp"

namespace productd {

/// enter() and leave() may be called from any thread. It must be kept alive by what has entered.
class HttpTally {
public:
    void enter();
    void leave();
    std::size_t running() const;

    /// Waits until nothing runs, or until `deadline`; returns what still runs. One coroutine at a time.
    asio::awaitable<std::size_t> wait(Deadline deadline);

private:
    mutable std::mutex mutex_;
    std::size_t running_ = 0;
    std::shared_ptr<Signal> nothing_runs_;  ///< For the coroutine that waits, on its executor.
    asio::any_io_executor waiter_;
};

}  // namespace productd
