// A Signal is a timer that nobody lets expire.
#include "async/signal.hpp"

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

}  // namespace productd
