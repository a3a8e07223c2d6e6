// An event loop driven by a plain test: what waits for something later is started, the rest is run to its end.
#pragma once

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <chrono>
#include <memory>
#include <optional>
#include <stdexcept>
#include <utility>

#include "async/async.hpp"

namespace productd {

class TestLoop {
public:
    /// A coroutine on its way. result() drives the loop until it has ended.
    template <class T>
    class Started {
    public:
        explicit Started(TestLoop& loop) : loop_(&loop) {}
        bool ended() const { return result_->has_value(); }
        T result() {
            loop_->until([this] { return ended(); });
            return std::move(**result_);
        }

    private:
        friend class TestLoop;
        TestLoop* loop_;
        std::shared_ptr<std::optional<T>> result_ = std::make_shared<std::optional<T>>();
    };

    template <class T>
    Started<T> start(asio::awaitable<T> coroutine) {
        Started<T> started(*this);
        asio::co_spawn(context_, std::move(coroutine), [kept = started.result_](std::exception_ptr error, T value) {
            if (error) std::rethrow_exception(error);
            *kept = std::move(value);
        });
        return started;
    }

    template <class T>
    T run(asio::awaitable<T> coroutine) {
        return start(std::move(coroutine)).result();
    }

    /// Throws when `done` does not come true within a minute: only a broken test waits that long.
    template <class Done>
    void until(Done done) {
        const auto limit = std::chrono::steady_clock::now() + std::chrono::minutes(1);
        while (!done()) {
            if (context_.run_one_until(limit) == 0) throw std::runtime_error("what the test waits for does not come");
        }
    }

    /// Runs what can run without waiting.
    void settle() { context_.poll(); }
    asio::any_io_executor executor() { return context_.get_executor(); }

private:
    asio::io_context context_;
    asio::executor_work_guard<asio::io_context::executor_type> work_{context_.get_executor()};
};

}  // namespace productd
