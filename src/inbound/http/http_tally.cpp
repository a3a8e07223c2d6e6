// A count under a lock, with a signal at zero that is given on the executor of who waits.
#include "inbound/http/http_tally.hpp"

#include <boost/asio/post.hpp>

namespace productd {

void HttpTally::enter() {
    const std::scoped_lock lock(mutex_);
    ++running_;
}

void HttpTally::leave() {
    const std::scoped_lock lock(mutex_);
    if (--running_ > 0 || !nothing_runs_) return;
    asio::post(waiter_, [signal = nothing_runs_] { signal->notify(); });
}

std::size_t HttpTally::running() const {
    const std::scoped_lock lock(mutex_);
    return running_;
}

asio::awaitable<std::size_t> HttpTally::wait(Deadline deadline) {
    auto executor = co_await asio::this_coro::executor;
    auto signal = std::make_shared<Signal>(executor);
    {
        const std::scoped_lock lock(mutex_);
        nothing_runs_ = signal;
        waiter_ = executor;
    }
    while (running() > 0 && std::chrono::steady_clock::now() < deadline) co_await signal->wait_until(deadline);
    const std::scoped_lock lock(mutex_);
    nothing_runs_.reset();
    co_return running_;
}

}  // namespace productd
