// The parts of the async vocabulary that need no template. Calls Asio.
#include "async/async.hpp"

#include <boost/asio/redirect_error.hpp>

namespace productd {

asio::awaitable<void> sleep_until(Deadline deadline) {
    asio::steady_timer timer(co_await asio::this_coro::executor, deadline);
    boost::system::error_code ignored;
    co_await timer.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
}

void Signal::notify() {
    notified_ = true;
    timer_.cancel();
}

asio::awaitable<void> Signal::wait() { return wait_until(Deadline::max()); }

asio::awaitable<void> Signal::wait_until(Deadline deadline) {
    if (!notified_) {
        timer_.expires_at(deadline);
        boost::system::error_code ignored;
        co_await timer_.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
    }
    notified_ = false;
}

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

void Cutoff::cut() {
    for (auto* call : *calls_) call->cancel();
}

BlockingPool::BlockingPool(std::string name, std::size_t threads, std::size_t queue_max)
    : name_(std::move(name)), queue_max_(queue_max), threads_(threads) {}

BlockingPool::~BlockingPool() { threads_.join(); }

bool BlockingPool::admit() {
    if (queued_.fetch_add(1, std::memory_order_relaxed) < queue_max_) return true;
    release();
    return false;
}

void BlockingPool::release() { queued_.fetch_sub(1, std::memory_order_relaxed); }

}  // namespace productd
