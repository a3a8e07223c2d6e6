// How an answer that is given on another thread comes back to the coroutine that waits for it: the one way for pools'
// threads, for librdkafka, for SQLite's writers and for the connections to Redis.
//
//     auto start = [&](Answer<Row> answer) { driver.find(id, [answer](Row row) { answer(std::move(row)); }); };
//     auto row = co_await answered<Row>(std::move(start));
//
// - An answer is given once, from any thread; what is given later is dropped. It may be copied, and given within
// `start`.
// - The coroutine resumes on its own executor, never inside the call that gives the answer.
// - When the caller gives up first (a deadline, a cut connection) the coroutine resumes with `cancelled`. What was
// started
//   goes on, so it must own what it uses.
// - Until it is answered it counts as work of its executor, so the event loop does not end below it; afterwards nothing
//   of the loop is held, so a driver may keep its copy longer than the loop lives.
//
// Events that may come any number of times, carry nothing and may go together are a Waker's (waker.hpp): it has no
// answer to keep, and its executor may end before those who wake.
#pragma once

#include <atomic>
#include <boost/asio/associated_cancellation_slot.hpp>
#include <boost/asio/associated_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <memory>
#include <optional>
#include <utility>

#include "async/task.hpp"

namespace productd {

namespace detail {

/// A coroutine that waits for one result, whatever it resumes through.
template <class T>
class Waiter {
public:
    Waiter() = default;
    virtual ~Waiter() = default;
    Waiter(const Waiter&) = delete;
    Waiter& operator=(const Waiter&) = delete;

    virtual void deliver(Result<T> result) = 0;
};

/// The first of "answered" and "cancelled" wins, the other is dropped.
template <class T, class Handler>
class Delivery final : public Waiter<T>, public std::enable_shared_from_this<Delivery<T, Handler>> {
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

    void deliver(Result<T> result) override {
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

/// What a driver is given to answer with. An empty one answers nobody and must not be called.
template <class T>
class Answer {
public:
    Answer() = default;
    explicit Answer(std::shared_ptr<detail::Waiter<T>> waiter) : waiter_(std::move(waiter)) {}

    void operator()(Result<T> result) const { waiter_->deliver(std::move(result)); }

private:
    std::shared_ptr<detail::Waiter<T>> waiter_;
};

/// Calls `start` with an Answer<T>, and resumes with what is given to it, or with cancelled.
template <class T, class Start>
Task<T> answered(Start start) {
    return asio::async_initiate<const asio::use_awaitable_t<>&, void(Result<T>)>(
        [](auto handler, Start&& begin) {
            auto delivery = std::make_shared<detail::Delivery<T, decltype(handler)>>(std::move(handler));
            delivery->connect();
            begin(Answer<T>(std::move(delivery)));
        },
        asio::use_awaitable, std::move(start));
}

}  // namespace productd
