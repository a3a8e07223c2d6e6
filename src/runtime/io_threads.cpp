// One event loop a thread: a handler never waits for another of its loop. Calls Asio.
#include "runtime/io_threads.hpp"

#include <csignal>

#include "async/thread_name.hpp"

namespace productd {

namespace {

/// Signals are the main thread's business.
void block_signals() {
    sigset_t all;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, nullptr);
}

}  // namespace

IoThreads::IoThreads(const std::string& name, std::size_t threads) {
    loops_.reserve(threads);
    for (std::size_t i = 0; i < threads; ++i) {
        auto& loop = *loops_.emplace_back(std::make_unique<Loop>());
        const auto own_name = threads == 1 ? name : name + '-' + std::to_string(i);
        loop.thread = std::thread([&loop, own_name] {
            block_signals();
            name_this_thread(own_name);
            loop.context.run();
        });
    }
}

void IoThreads::stop() {
    for (auto& loop : loops_) loop->work.reset();
    for (auto& loop : loops_) loop->context.stop();
    for (auto& loop : loops_) {
        if (loop->thread.joinable()) loop->thread.join();
    }
}

std::vector<asio::any_io_executor> IoThreads::executors() {
    std::vector<asio::any_io_executor> executors;
    executors.reserve(loops_.size());
    for (auto& loop : loops_) executors.emplace_back(loop->context.get_executor());
    return executors;
}

}  // namespace productd
