// Asks the source, and makes an end of what it throws. Calls the source.
#include "inbound/http/http_pieces.hpp"

#include <boost/asio/post.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <exception>

#include "inbound/http/http_access.hpp"
#include "inbound/http/http_exchange.hpp"
#include "telemetry/log.hpp"

namespace productd {

namespace {

void log_failure(const HttpCall& call, const std::exception_ptr& failure) {
    log::error("An answer in pieces ended in an exception.", {{"error", what_of(failure)},
                                                              {"path", begin_of(call.path)},
                                                              {"request_id", call.request_id},
                                                              {"trace_id", call.trace_id}});
}

}  // namespace

asio::awaitable<std::optional<std::string>> HttpPieces::next(const HttpCall& call) {
    for (;;) {
        co_await asio::post(asio::use_awaitable);
        if (has_given_last_) end(End::stopped);
        if (end_) co_return std::nullopt;
        std::optional<std::string> piece;
        std::exception_ptr failure;
        is_asked_ = true;
        try {
            piece = co_await source_->next();
        } catch (...) {
            failure = std::current_exception();
        }
        is_asked_ = false;
        has_given_last_ = is_stopping_;
        co_await asio::this_coro::reset_cancellation_state();  // It may have been cancelled, to stop.
        if (end_) co_return std::nullopt;
        if (failure && !is_stopping_) {
            log_failure(call, failure);
            end(End::failed);
        } else if (failure || !piece) {
            end(is_stopping_ ? End::stopped : End::whole);
        } else if (!piece->empty()) {
            co_return piece;
        }
    }
}

void HttpPieces::stop() {
    if (std::exchange(is_stopping_, true) || !source_) return;
    source_->stop();
}

}  // namespace productd
