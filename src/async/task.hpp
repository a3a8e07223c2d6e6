// A Task is a coroutine that ends in a Result.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <chrono>

#include "domain/result.hpp"

namespace productd {

namespace asio = boost::asio;

template <class T = void>
using Task = asio::awaitable<Result<T>>;

using Deadline = std::chrono::steady_clock::time_point;

}  // namespace productd
