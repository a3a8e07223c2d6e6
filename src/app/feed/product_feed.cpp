// Asks the tail first, then the store. Calls ChangeFeed.
#include "app/feed/product_feed.hpp"

#include "app/feed/change_cause.hpp"

namespace productd {

namespace {

using namespace std::chrono_literals;

/// Beyond these the own reader is not needed: nobody has asked for so long.
constexpr auto unasked_max = 60s;
/// A wait of the own reader; it ends earlier with the first change.
constexpr auto reader_wait = 5s;
constexpr auto reader_patience = 20s;
/// What it costs to tell a watcher of a change, about. While all of them are told nothing is read, so that many small
/// changes go to them together and cannot take a whole core.
constexpr auto rest_for_a_watcher = 20us;

Error stopping() { return {Errc::unavailable, "The service is stopping: go on from the position reached, elsewhere."}; }

}  // namespace

ProductFeed::ProductFeed(ChangeFeed& feed, const Clock& clock, FeedObserver& observer, FeedSettings settings,
                         asio::any_io_executor executor)
    : feed_(feed),
      clock_(clock),
      observer_(observer),
      settings_(settings),
      executor_(std::move(executor)),
      places_(settings_.watchers_max),
      wanted_(std::make_shared<Waker>(executor_)),
      tail_(settings_.tail_bytes_max) {}

Result<ProductFeed::Watcher> ProductFeed::watch() {
    if (is_stopping()) return fail(stopping());
    if (!places_.admit()) {
        return fail(Errc::resource_exhausted, "Too many follow the feed of changes on this instance: try again later.");
    }
    return Watcher(places_);
}

Task<FeedPage> ProductFeed::changes(std::optional<FeedPosition> since, FeedBounds most, Deadline wait_until,
                                    CallContext context) {
    for (;;) {
        if (is_stopping()) co_return fail(stopping());
        Turn seen = 0;
        auto slice = since ? in_tail(*since, most, seen) : std::nullopt;
        if (slice) {
            if (!slice->changes.empty() || std::chrono::steady_clock::now() >= wait_until) co_return slice->page();
            co_await next_turn(seen, wait_until);
            const auto given_up = (co_await asio::this_coro::cancellation_state).cancelled();
            const bool is_left = given_up != asio::cancellation_type::none && !is_stopping();  // A stop tells more.
            if (is_left) co_return fail(Errc::cancelled, "The call was given up.");
            continue;
        }
        auto page = co_await feed_.changes(since, most, Deadline{}, context);
        const bool is_quiet = page && page->changes.empty() && page->is_end && !page->is_snapshot;
        if (!is_quiet || std::chrono::steady_clock::now() >= wait_until) co_return page;
        since = page->next;
        follow_from(*since);
    }
}

/// Nothing where the store has to be asked.
std::optional<FeedTail::Slice> ProductFeed::in_tail(const FeedPosition& since, FeedBounds most, Turn& turn) {
    const std::scoped_lock lock(mutex_);
    if (!tail_.covers(since)) return std::nullopt;
    turn = turn_;
    asked_last_ = std::chrono::steady_clock::now();
    return tail_.after(since, most);
}

void ProductFeed::follow_from(const FeedPosition& position) {
    {
        const std::scoped_lock lock(mutex_);
        if (!tail_.is_empty() && tail_.end()->family() == position.family()) return;
        tail_.begin(position);
        asked_last_ = std::chrono::steady_clock::now();
    }
    wanted_->wake();
}

asio::awaitable<void> ProductFeed::next_turn(Turn seen, Deadline until) {
    std::uint64_t number = 0;
    {
        const std::scoped_lock lock(mutex_);
        number = next_waiter_++;
    }
    auto start = [this, seen, number](Answer<bool> answer) {
        std::unique_lock lock(mutex_);
        const bool is_due = turn_ != seen || is_stopping();
        if (!is_due) waiting_.emplace(number, answer);
        lock.unlock();
        if (is_due) answer(true);
    };
    co_await within(until, answered<bool>(std::move(start)));
    const std::scoped_lock lock(mutex_);
    waiting_.erase(number);
}

asio::awaitable<void> ProductFeed::run() {
    while (!is_stopping()) {
        const auto position = where_to_read_on();
        if (!position) {
            co_await wanted_->wait();
            continue;
        }
        const auto now = std::chrono::steady_clock::now();
        auto page = co_await within(now + reader_patience,
                                    feed_.changes(position, {}, now + reader_wait, now + reader_patience), &cutoff_);
        took(*position, std::move(page));
        co_await sleep_until(std::chrono::steady_clock::now() + watchers() * rest_for_a_watcher);
    }
    wanted_->end();
}

std::optional<FeedPosition> ProductFeed::where_to_read_on() {
    const std::scoped_lock lock(mutex_);
    const auto unasked = std::chrono::steady_clock::now() - asked_last_;
    if (waiting_.empty() && unasked > unasked_max) tail_.clear();
    return tail_.end();
}

void ProductFeed::took(const FeedPosition& from, Result<FeedPage> page) {
    if (page) observe(page->changes);
    const bool is_quiet = page && page->changes.empty();
    {
        const std::scoped_lock lock(mutex_);
        if (tail_.end() != from) return;  // Somebody has come with a position of another store since.
        // After a failure each who waits asks the store itself, and is told why it fails.
        page ? tail_.append(std::move(*page)) : tail_.clear();
    }
    if (!is_quiet) wake_all();
}

void ProductFeed::observe(const std::vector<ProductChange>& changes) {
    const auto now = clock_.now();
    for (const auto& change : changes) {
        const auto time = time_of_change(change.latest);
        if (time) observer_.on_change(std::chrono::duration_cast<std::chrono::milliseconds>(now - *time));
    }
}

void ProductFeed::wake_all() {
    decltype(waiting_) woken;
    {
        const std::scoped_lock lock(mutex_);
        ++turn_;
        woken.swap(waiting_);
    }
    for (const auto& [number, answer] : woken) answer(true);
}

void ProductFeed::stop() {
    is_stopping_ = true;
    wake_all();
    wanted_->wake();
    asio::post(executor_, [this] { cutoff_.cut(); });
}

}  // namespace productd
