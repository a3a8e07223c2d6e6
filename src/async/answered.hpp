// Waits in a coroutine for an answer that comes from a thread of somebody else's.
#pragma once

#include <functional>
#include <utility>

#include "async/async.hpp"

namespace productd {

template <class T>
using Answer = std::function<void(Result<T>)>;

/// Calls `start` with an answer to be given once from any thread, and resumes here with what it gives. When the caller
/// gives up first it resumes with cancelled, and what was started goes on.
template <class T, class Start>
Task<T> answered(Start start) {
    co_return co_await asio::async_initiate<const asio::use_awaitable_t<>&, void(Result<T>)>(
        [](auto handler, auto&& begin) {
            auto delivery = std::make_shared<detail::Delivery<T, decltype(handler)>>(std::move(handler));
            delivery->connect();
            begin(Answer<T>([delivery](Result<T> result) { delivery->deliver(std::move(result)); }));
        },
        asio::use_awaitable, std::move(start));
}

}  // namespace productd
