// Event loops, each on one thread of its own.
#pragma once

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/use_future.hpp>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "async/async.hpp"

namespace productd {

class IoThreads {
public:
    /// `name` is what tools such as `top -H` show, with the number of the thread behind it where there are several. An
    /// exception that leaves a handler ends the process.
    IoThreads(const std::string& name, std::size_t threads);
    /// Ends the loops, with what they still have to do, and waits for their threads. Idempotent.
    void stop();
    ~IoThreads() { stop(); }
    IoThreads(const IoThreads&) = delete;
    IoThreads& operator=(const IoThreads&) = delete;

    std::vector<asio::any_io_executor> executors();
    asio::any_io_executor executor() { return loops_.front()->context.get_executor(); }

private:
    struct Loop {
        asio::io_context context{1};
        asio::executor_work_guard<asio::io_context::executor_type> work{context.get_executor()};
        std::thread thread;
    };
    std::vector<std::unique_ptr<Loop>> loops_;
};

/// Runs a coroutine of such a loop from a thread that is none of them, and waits for it.
template <class T>
T wait_for(const asio::any_io_executor& executor, asio::awaitable<T> task) {
    return asio::co_spawn(executor, std::move(task), asio::use_future).get();
}

}  // namespace productd
