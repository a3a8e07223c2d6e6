// Threads for calls that block.
#pragma once

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <string>
#include <thread>
#include <type_traits>
#include <utility>
#include <vector>

#include "async/admission.hpp"
#include "async/answered.hpp"

namespace productd {

/// Threads with a bounded queue in front of them.
class BlockingPool {
public:
    /// `name` is told to who finds the queue full. `threads_name`: as the system shows them, where that is another.
    /// `queue_max`: calls waiting or running beyond which offload() fails at once.
    BlockingPool(std::string name, std::size_t threads, std::size_t queue_max, std::string threads_name = {});
    /// Waits for the running calls; queued ones are run too.
    ~BlockingPool();
    BlockingPool(const BlockingPool&) = delete;
    BlockingPool& operator=(const BlockingPool&) = delete;

    /// The places of calls that wait or run.
    Admission& queue() { return queue_; }
    /// Runs `call` on a thread of the pool. For those who hold a place in its queue.
    template <class Call>
    void post(Call call) {
        asio::post(context_, std::move(call));
    }
    /// Ends when all calls have run; what is posted later is not run. Not from a thread of the pool.
    void join();
    const std::string& pool_name() const { return name_; }

private:
    std::string name_;
    Admission queue_;
    asio::io_context context_;
    asio::executor_work_guard<asio::io_context::executor_type> work_{context_.get_executor()};
    std::vector<std::thread> threads_;
};

/// Runs `call` (→ Result<T>) on a thread of `pool` and resumes here with what it returned. Fails with
/// resource_exhausted when the pool's queue is full, and with cancelled when the caller gives up first; the call then
/// runs on, so it must own what it uses.
template <class Call>
auto offload(BlockingPool& pool, Call call) -> asio::awaitable<std::invoke_result_t<Call&>> {
    using R = std::invoke_result_t<Call&>;
    using T = typename R::value_type;
    if (!pool.queue().admit()) {
        co_return fail(Errc::resource_exhausted, "Too many calls wait for the " + pool.pool_name() + ".");
    }
    auto start = [&pool, call = std::move(call)](Answer<T> answer) mutable {
        pool.post([&pool, answer = std::move(answer), call = std::move(call)]() mutable {
            auto result = call();
            pool.queue().release();
            answer(std::move(result));
        });
    };
    co_return co_await answered<T>(std::move(start));
}

}  // namespace productd
