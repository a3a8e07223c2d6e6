// A feed in memory, as a test tells it.
#pragma once

#include <fmt/format.h>

#include <string>
#include <vector>

#include "app/ports/change_feed.hpp"
#include "async/async.hpp"

namespace productd {

inline FeedPosition feed_at(int number) { return {fmt::format("t-1.{:04}", number)}; }

inline ProductId feed_id(int number) {
    return ProductId({0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, static_cast<std::uint8_t>(number)});
}

inline ProductChange feed_change(int number, std::size_t bytes = 10) {
    Product product{.id = feed_id(number), .name = std::string(bytes, 'n'), .version = {number}};
    return {product.id, StoredProduct{product, {}}, feed_at(number)};
}

/// A feed in memory, of one thread: the test makes changes, and sees who asks.
class ScriptedFeed : public ChangeFeed {
public:
    explicit ScriptedFeed(const asio::any_io_executor& executor) : changed_(executor, Deadline::max()) {}

    void make(ProductChange change) {
        changes_.push_back(std::move(change));
        changed_.cancel();
    }
    void fail_with(std::optional<Error> error) {
        error_ = std::move(error);
        changed_.cancel();
    }
    int reads() const { return reads_; }
    int waits() const { return waits_; }

    Task<FeedPage> changes(std::optional<FeedPosition> after, FeedBounds most, Deadline wait_until,
                           CallContext) override {
        ++reads_;
        if (!after) co_return FeedPage{.next = end(), .is_snapshot = true, .is_end = true};
        if (!error_ && page(*after, most).changes.empty() && std::chrono::steady_clock::now() < wait_until) {
            ++waits_;
            boost::system::error_code ignored;
            co_await changed_.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
        }
        if (error_) co_return fail(*error_);
        co_return page(*after, most);
    }

private:
    FeedPosition end() const { return changes_.empty() ? feed_at(0) : changes_.back().position; }
    FeedPage page(const FeedPosition& after, FeedBounds most) const {
        FeedPage page{.next = after, .is_end = true};
        for (const auto& one : changes_) {
            if (one.position <= after) continue;
            if (page.changes.size() == most.changes_max) {
                page.is_end = false;
                break;
            }
            page.changes.push_back(one);
            page.next = one.position;
        }
        return page;
    }

    asio::steady_timer changed_;
    std::vector<ProductChange> changes_;
    std::optional<Error> error_;
    int reads_ = 0;
    int waits_ = 0;
};

}  // namespace productd
