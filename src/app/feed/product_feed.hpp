// The feed of changes for clients: all who are at its end share one reader of the store; who is behind reads from the
// store until it has caught up.
#pragma once

#include <atomic>
#include <map>
#include <memory>
#include <mutex>
#include <optional>

#include "app/feed/feed_settings.hpp"
#include "app/feed/feed_tail.hpp"
#include "app/ports/change_feed.hpp"
#include "app/ports/clock.hpp"
#include "async/admission.hpp"
#include "async/async.hpp"
#include "async/waker.hpp"

namespace productd {

/// Told of each change once, when this instance has it: how long after the change that was.
class FeedObserver {
public:
    virtual ~FeedObserver() = default;
    virtual void on_change(std::chrono::milliseconds delay) = 0;
};

class ProductFeed {
public:
    /// All outlive it. Its own reader runs on `executor`, which has one thread.
    ProductFeed(ChangeFeed& feed, const Clock& clock, FeedObserver& observer, FeedSettings settings,
                asio::any_io_executor executor);
    ProductFeed(const ProductFeed&) = delete;
    ProductFeed& operator=(const ProductFeed&) = delete;

    /// A place among those who follow, for as long as it lives. Any thread.
    class Watcher {
    public:
        explicit Watcher(Admission& places) : places_(&places) {}
        Watcher(Watcher&& other) noexcept : places_(std::exchange(other.places_, nullptr)) {}
        Watcher& operator=(Watcher&&) = delete;
        ~Watcher() {
            if (places_) places_->release();
        }

    private:
        Admission* places_;
    };
    /// Fails with resource_exhausted where `Feed.WatchersMax` follow already, and with unavailable once it stops.
    Result<Watcher> watch();

    /// As ChangeFeed::changes, for any number of callers at a time, from any thread. Fails with unavailable at once
    /// when it stops. A caller that gives up is let go.
    Task<FeedPage> changes(std::optional<FeedPosition> since, FeedBounds most, Deadline wait_until,
                           CallContext context);

    /// Reads on for those who are at the end, while there are any. Until stop(), on the executor.
    asio::awaitable<void> run();
    /// Lets go of all who wait, and takes nobody new. Any thread; while the executor runs.
    void stop();
    bool is_stopping() const { return is_stopping_.load(std::memory_order_relaxed); }
    const FeedSettings& settings() const { return settings_; }
    std::size_t watchers() const { return places_.taken(); }

private:
    using Turn = std::uint64_t;  ///< Grows with whatever those who wait are woken for.

    std::optional<FeedTail::Slice> in_tail(const FeedPosition& since, FeedBounds most, Turn& turn);
    void follow_from(const FeedPosition& position);
    asio::awaitable<void> next_turn(Turn seen, Deadline until);
    std::optional<FeedPosition> where_to_read_on();
    void took(const FeedPosition& from, Result<FeedPage> page);
    void observe(const std::vector<ProductChange>& changes);
    void wake_all();

    ChangeFeed& feed_;
    const Clock& clock_;
    FeedObserver& observer_;
    const FeedSettings settings_;
    const asio::any_io_executor executor_;
    Admission places_;
    std::atomic<bool> is_stopping_{false};
    std::shared_ptr<Waker> wanted_;
    Cutoff cutoff_;  ///< On the executor.

    std::mutex mutex_;
    FeedTail tail_;
    Turn turn_ = 0;
    std::uint64_t next_waiter_ = 0;
    std::map<std::uint64_t, Answer<bool>> waiting_;
    Deadline asked_last_{};
};

}  // namespace productd
