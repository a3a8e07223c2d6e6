// Starts and ends the pool's threads; each runs an event loop that has nothing but calls.
#include "async/blocking_pool.hpp"

#include "async/thread_name.hpp"

namespace productd {

BlockingPool::BlockingPool(std::string name, std::size_t threads, std::size_t queue_max, std::string threads_name)
    : name_(std::move(name)), queue_(queue_max), context_(static_cast<int>(threads)) {
    const auto shown = threads_name.empty() ? name_ : std::move(threads_name);
    threads_.reserve(threads);
    for (std::size_t i = 0; i < threads; ++i) {
        threads_.emplace_back([this, shown] {
            name_this_thread(shown);
            context_.run();
        });
    }
}

BlockingPool::~BlockingPool() { join(); }

void BlockingPool::join() {
    work_.reset();
    for (auto& thread : threads_) {
        if (thread.joinable()) thread.join();
    }
}

}  // namespace productd
