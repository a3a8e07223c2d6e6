// A deadline around a task.
#pragma once

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <exception>
#include <list>
#include <memory>
#include <optional>
#include <utility>

#include "async/task.hpp"

namespace productd {

/// What a call fails with whose deadline has passed.
Error time_is_over();

/// Ends calls made through within() before their deadlines. Used on one executor.
class Cutoff {
    using Calls = std::list<asio::steady_timer*>;

public:
    /// Every call that runs now fails with deadline_exceeded.
    void cut();

    /// A call that runs, by the timer it waits on: while this lives.
    class Call {
    public:
        Call(const Cutoff* cutoff, asio::steady_timer& timer)
            : calls_(cutoff ? cutoff->calls_ : nullptr), timer_(timer) {
            if (calls_) calls_->push_back(&timer_);
        }
        ~Call() {
            if (calls_) calls_->remove(&timer_);
        }
        Call(const Call&) = delete;
        Call& operator=(const Call&) = delete;

    private:
        std::shared_ptr<Calls> calls_;  ///< A loop that is taken apart may end a call after the cutoff.
        asio::steady_timer& timer_;
    };

private:
    std::shared_ptr<Calls> calls_ = std::make_shared<Calls>();
};

namespace detail {

template <class T>
struct Race {
    explicit Race(const asio::any_io_executor& executor) : done(executor, Deadline::max()) {}
    asio::steady_timer done;
    std::optional<Result<T>> result;
};

/// A cancelled coroutine sees its calls fail with `cancelled` instead of an exception.
template <class T>
Task<T> without_throwing(Task<T> task) {
    co_await asio::this_coro::throw_if_cancelled(false);
    co_return co_await std::move(task);
}

}  // namespace detail

/// `task`, or deadline_exceeded once `deadline` has passed. The task is then cancelled and finishes in the background,
/// so it must own what it uses or use parts of the service. `cutoff` can end it earlier.
template <class T>
Task<T> within(Deadline deadline, Task<T> task, Cutoff* cutoff = nullptr) {
    auto executor = co_await asio::this_coro::executor;
    auto race = std::make_shared<detail::Race<T>>(executor);
    race->done.expires_at(deadline);
    auto signal = std::make_shared<asio::cancellation_signal>();
    asio::co_spawn(
        executor, detail::without_throwing(std::move(task)),
        asio::bind_cancellation_slot(signal->slot(), [race, signal](std::exception_ptr error, Result<T> result) {
            if (error) std::rethrow_exception(error);
            race->result = std::move(result);
            race->done.cancel();
        }));
    if (!race->result) {
        const Cutoff::Call call(cutoff, race->done);
        boost::system::error_code ignored;
        co_await race->done.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
    }
    if (race->result) co_return std::move(*race->result);
    signal->emit(asio::cancellation_type::terminal);
    co_return fail(time_is_over());
}

}  // namespace productd
