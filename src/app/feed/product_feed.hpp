// The feed of changes for clients: who is at its end shares one reader of the store with all others there; who is
// behind reads from the store until it has caught up.
#pragma once

#include <memory>
#include <optional>

#include "app/feed/feed_settings.hpp"
#include "app/ports/change_feed.hpp"

namespace productd {

class FeedTail;

class ProductFeed {
public:
    /// `feed` outlives it.
    ProductFeed(ChangeFeed& feed, FeedSettings settings, asio::any_io_executor executor);
    ~ProductFeed();
    ProductFeed(const ProductFeed&) = delete;
    ProductFeed& operator=(const ProductFeed&) = delete;

    /// A place among those who follow, for as long as it lives. Any thread.
    class Watcher;
    /// Fails with resource_exhausted where `Feed.WatchersMax` follow already, with unavailable once it stops.
    Result<Watcher> watch();

    /// As ChangeFeed::changes, for any number of callers at a time, from any thread. Fails with `unavailable` at once
    /// when it stops.
    Task<FeedPage> changes(std::optional<FeedPosition> since, FeedBounds most, Deadline wait_until,
                           CallContext context);

    /// Lets go of all who wait, and takes nobody new.
    void stop();
    bool is_stopping() const;
    const FeedSettings& settings() const;
    std::size_t watchers() const;
};

}  // namespace productd
