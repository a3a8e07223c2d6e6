// What is started beside its caller, counted and awaited.
#pragma once

#include <cstddef>
#include <utility>

#include "async/signal.hpp"

namespace productd {

/// The tasks a part has started and not yet awaited. Counted, and joined before the part ends. All of them run on the
/// executor given; use the group from there.
class TaskGroup {
public:
    explicit TaskGroup(asio::any_io_executor executor) : executor_(std::move(executor)), idle_(executor_) {}

    /// Starts `task`. An exception in it is a programmer's error and ends the process.
    void spawn(asio::awaitable<void> task);
    std::size_t running() const { return running_; }
    /// Resumes once nothing of the group runs.
    asio::awaitable<void> join();
    /// The same, but no later than `deadline`; false when something still runs then.
    asio::awaitable<bool> join_until(Deadline deadline);

private:
    asio::any_io_executor executor_;
    Signal idle_;
    std::size_t running_ = 0;
};

}  // namespace productd
