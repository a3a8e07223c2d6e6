// Starts tasks and counts those that run.
#include "async/task_group.hpp"

namespace productd {

void TaskGroup::spawn(asio::awaitable<void> task) {
    ++running_;
    asio::co_spawn(executor_, std::move(task), [this](std::exception_ptr error) {
        if (error) std::rethrow_exception(error);
        if (--running_ == 0) idle_.notify();
    });
}

asio::awaitable<void> TaskGroup::join() {
    while (running_ > 0) co_await idle_.wait();
}

asio::awaitable<bool> TaskGroup::join_until(Deadline deadline) {
    while (running_ > 0 && std::chrono::steady_clock::now() < deadline) co_await idle_.wait_until(deadline);
    co_return running_ == 0;
}

}  // namespace productd
