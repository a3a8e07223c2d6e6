// Whether the store answered when it was last asked for its health: what everybody knows who would ask it.
#pragma once

#include <atomic>
#include <list>
#include <memory>
#include <mutex>

#include "async/async.hpp"

namespace productd {

/// From any thread.
class StoreHealth {
public:
    /// What its check has told. Calls under way are ended when it does not answer any more.
    void note(bool answers);
    bool is_down() const { return is_down_.load(std::memory_order_relaxed); }

    /// A call under way, while it lives: cut on its executor when the store is noted to be down.
    class Call {
    public:
        Call(StoreHealth& health, const asio::any_io_executor& executor);
        ~Call();
        Call(const Call&) = delete;
        Call& operator=(const Call&) = delete;
        Cutoff& cutoff() { return *cutoff_; }

    private:
        StoreHealth& health_;
        std::shared_ptr<Cutoff> cutoff_ = std::make_shared<Cutoff>();
        std::list<std::pair<asio::any_io_executor, std::weak_ptr<Cutoff>>>::iterator at_;
    };

private:
    std::atomic<bool> is_down_{false};
    std::mutex mutex_;
    std::list<std::pair<asio::any_io_executor, std::weak_ptr<Cutoff>>> calls_;  ///< Guarded.
};

/// What is answered in place of a store that does not.
inline Error store_is_down() { return unavailable("The store does not answer now: try again in a moment."); }

/// `call` of the store, or unavailable: at once while the store is known to be down, and as soon as that is known.
/// Cancelled like the call itself.
template <class T>
Task<T> while_it_answers(StoreHealth& health, Task<T> call) {
    StoreHealth::Call under_way(health, co_await asio::this_coro::executor);
    if (health.is_down()) co_return fail(store_is_down());
    auto result = co_await within(Deadline::max(), std::move(call), &under_way.cutoff());
    if (result || result.error().code != Errc::deadline_exceeded) co_return result;
    const auto cancelled = (co_await asio::this_coro::cancellation_state).cancelled();
    if (cancelled != asio::cancellation_type::none) co_return fail(Errc::cancelled, "The call was given up.");
    if (health.is_down()) co_return fail(store_is_down());
    co_return result;
}

}  // namespace productd
