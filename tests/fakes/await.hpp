// Runs a coroutine to its end from a plain test.
#pragma once

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <optional>

#include "async/async.hpp"

namespace productd {

/// What `coroutine` returned. Its own executor runs on this thread until then.
template <class T>
T await(asio::awaitable<T> coroutine) {
    asio::io_context context;
    std::optional<T> result;
    asio::co_spawn(context, std::move(coroutine), [&](std::exception_ptr error, T value) {
        if (error) std::rethrow_exception(error);
        result = std::move(value);
    });
    context.run();
    return std::move(*result);
}

inline void await(asio::awaitable<void> coroutine) {
    asio::io_context context;
    asio::co_spawn(context, std::move(coroutine), [](std::exception_ptr error) {
        if (error) std::rethrow_exception(error);
    });
    context.run();
}

}  // namespace productd
