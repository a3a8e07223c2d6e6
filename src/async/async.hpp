// The async vocabulary: a Task is a coroutine that ends in a Result. What blocks goes through a BlockingPool; what is
// started beside its caller belongs to a TaskGroup; what may take too long goes through within().
#pragma once

#include <atomic>
#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/associated_cancellation_slot.hpp>
#include <boost/asio/associated_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/thread_pool.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <chrono>
#include <exception>
#include <functional>
#include <list>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "domain/result.hpp"

namespace productd {

namespace asio = boost::asio;

template <class T = void>
using Task = asio::awaitable<Result<T>>;

using Deadline = std::chrono::steady_clock::time_point;

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

/// Threads for calls that block, with a bounded queue in front of them.
class BlockingPool {
public:
    /// `queue_max`: calls waiting or running beyond which offload() fails at once.
    BlockingPool(std::string name, std::size_t threads, std::size_t queue_max);
    /// Waits for the running calls; queued ones are run too.
    ~BlockingPool();

    bool admit();    ///< Takes a place in the queue; false when it is full.
    void release();  ///< Gives it back.
    asio::thread_pool& threads() { return threads_; }
    const std::string& pool_name() const { return name_; }

private:
    std::string name_;
    std::size_t queue_max_;
    std::atomic<std::size_t> queued_{0};
    asio::thread_pool threads_;
};

namespace detail {

/// Hands one result to one waiter: the first of "done" and "cancelled" wins, the other is dropped.
template <class T, class Handler>
class Delivery : public std::enable_shared_from_this<Delivery<T, Handler>> {
public:
    explicit Delivery(Handler handler)
        : handler_(std::move(handler)),
          executor_(asio::get_associated_executor(*handler_)),
          work_(asio::prefer(executor_, asio::execution::outstanding_work.tracked)) {}

    void connect() {
        auto slot = asio::get_associated_cancellation_slot(*handler_);
        if (!slot.is_connected()) return;
        slot.assign([self = this->weak_from_this()](asio::cancellation_type) {
            if (auto alive = self.lock()) alive->deliver(fail(Errc::cancelled, "The call was given up."));
        });
    }

    void deliver(Result<T> result) {
        if (delivered_.exchange(true)) return;
        // The loop is kept at work until then and no longer: who delivers may hold on to this when the loop is gone.
        auto resume = [self = this->shared_from_this(), work = std::move(work_), result = std::move(result)]() mutable {
            auto slot = asio::get_associated_cancellation_slot(*self->handler_);
            if (slot.is_connected()) slot.clear();
            auto handler = std::move(*self->handler_);
            self->handler_.reset();
            std::move(handler)(std::move(result));
        };
        asio::post(executor_, std::move(resume));
    }

private:
    std::optional<Handler> handler_;
    asio::any_io_executor executor_;
    asio::any_io_executor work_;
    std::atomic<bool> delivered_{false};
};

}  // namespace detail

/// Runs `call` (→ Result<T>) on a thread of `pool` and resumes here with what it returned. Fails with
/// resource_exhausted when the pool's queue is full, and with cancelled when the caller gives up first; the call then
/// runs on, so it must own what it uses.
template <class Call>
auto offload(BlockingPool& pool, Call call) -> asio::awaitable<std::invoke_result_t<Call&>> {
    using R = std::invoke_result_t<Call&>;
    using T = typename R::value_type;
    if (!pool.admit()) {
        co_return fail(Errc::resource_exhausted, "Too many calls wait for the " + pool.pool_name() + ".");
    }
    co_return co_await asio::async_initiate<const asio::use_awaitable_t<>&, void(R)>(
        [&pool](auto handler, Call work) {
            auto delivery = std::make_shared<detail::Delivery<T, decltype(handler)>>(std::move(handler));
            delivery->connect();
            asio::post(pool.threads(), [&pool, delivery, work = std::move(work)]() mutable {
                auto result = work();
                pool.release();
                delivery->deliver(std::move(result));
            });
        },
        asio::use_awaitable, std::move(call));
}

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
    co_return fail(Errc::deadline_exceeded, "The time for this call ran out.");
}

}  // namespace productd
