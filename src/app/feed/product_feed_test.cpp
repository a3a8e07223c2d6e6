#include "app/feed/product_feed.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <functional>

#include "app/feed/change_cause.hpp"
#include "app/ports/stored_size.hpp"
#include "fakes/fake_ports.hpp"

namespace productd {

namespace {

using namespace std::chrono_literals;

FeedPosition feed_at(int number) { return {fmt::format("t-1.{:04}", number)}; }

ProductId feed_id(int number) { return ProductId({0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, static_cast<std::uint8_t>(number)}); }

ProductChange feed_change(int number, std::size_t bytes = 10) {
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

class Delays : public FeedObserver {
public:
    void on_change(std::chrono::milliseconds) override { ++told; }
    int told = 0;
};

class ProductFeedTest : public ::testing::Test {
protected:
    ~ProductFeedTest() override {
        feed_.stop();
        io_.restart();
        io_.run();
    }

    using Answer = std::optional<Result<FeedPage>>;

    /// Asks, as far as that comes without a change.
    std::shared_ptr<Answer> ask(FeedPosition since, Deadline wait_until = Deadline::max(), FeedBounds most = {}) {
        auto answer = std::make_shared<Answer>();
        asio::co_spawn(io_, feed_.changes(since, most, wait_until, Deadline::max()),
                       [answer](const std::exception_ptr& error, Result<FeedPage> page) {
                           if (error) std::rethrow_exception(error);
                           *answer = std::move(page);
                       });
        settle();
        return answer;
    }
    void begin() {
        asio::co_spawn(io_, feed_.run(), [](const std::exception_ptr& error) {
            if (error) std::rethrow_exception(error);
        });
        settle();
    }
    /// All that can be done without waiting for a time.
    void settle() {
        io_.restart();
        while (io_.poll() > 0) {
        }
    }
    void make(int number) {
        script_.make(feed_change(number));
        settle();
    }
    /// What a rest of the reader may hold back.
    void until(const std::function<bool()>& is_so) {
        for (const auto end = std::chrono::steady_clock::now() + 20s; !is_so();) {
            ASSERT_LT(std::chrono::steady_clock::now(), end);
            io_.restart();
            io_.run_for(1ms);
        }
    }

    asio::io_context io_{1};
    ScriptedFeed script_{io_.get_executor()};
    FakeClock clock_;
    Delays delays_;
    ProductFeed feed_{script_, clock_, delays_, {.watchers_max = 3, .tail_bytes_max = 4'000}, io_.get_executor()};
};

TEST_F(ProductFeedTest, AllWhoWaitShareOneReader) {
    begin();
    std::vector<std::shared_ptr<Answer>> answers;
    for (int i = 0; i < 50; ++i) answers.push_back(ask(feed_at(0)));
    EXPECT_EQ(script_.waits(), 1);
    make(1);
    for (const auto& answer : answers) {
        ASSERT_TRUE(*answer && **answer);
        EXPECT_EQ((**answer)->changes.size(), 1u);
        EXPECT_EQ((**answer)->next, feed_at(1));
    }
    EXPECT_EQ(delays_.told, 1);
}

TEST_F(ProductFeedTest, WhoComesBackFindsInTheTailWhatCameMeanwhile) {
    begin();
    ask(feed_at(0));
    make(1);
    until([&] { return script_.waits() == 2; });
    make(2);
    until([&] { return script_.waits() == 3; });
    const auto reads = script_.reads();
    const auto later = ask(feed_at(1));
    ASSERT_TRUE(*later && **later);
    EXPECT_EQ((**later)->changes.size(), 1u);
    const auto one = ask(feed_at(0), Deadline::max(), {.changes_max = 1});
    EXPECT_EQ((**one)->changes.size(), 1u);
    EXPECT_FALSE((**one)->is_end);
    EXPECT_EQ(script_.reads(), reads) << "the store was not asked";
}

TEST_F(ProductFeedTest, WhoIsBehindTheTailReadsFromTheStore) {
    begin();
    for (int number = 1; number <= 3; ++number) make(number);
    ask(feed_at(3));
    make(4);
    const auto behind = ask(feed_at(0));
    ASSERT_TRUE(*behind && **behind);
    EXPECT_EQ((**behind)->changes.size(), 4u);
}

TEST_F(ProductFeedTest, TheTailForgetsTheOldestBeyondItsBytes) {
    begin();
    ask(feed_at(0));
    for (int number = 1; number <= 20; ++number) {
        script_.make(feed_change(number, 500));
        until([&] { return script_.waits() == number + 1; });
    }
    const auto reads = script_.reads();
    EXPECT_EQ((**ask(feed_at(19)))->changes.size(), 1u);
    EXPECT_EQ(script_.reads(), reads);
    EXPECT_EQ((**ask(feed_at(0)))->changes.size(), 20u);
    EXPECT_EQ(script_.reads(), reads + 1);
}

TEST_F(ProductFeedTest, AWaitEndsWithWhereTheFeedStands) {
    begin();
    const auto answer = ask(feed_at(0), std::chrono::steady_clock::now() + 5ms);
    until([&] { return answer->has_value(); });
    ASSERT_TRUE(**answer);
    EXPECT_TRUE((**answer)->changes.empty());
    EXPECT_TRUE((**answer)->is_end);
    EXPECT_EQ((**answer)->next, feed_at(0));
}

TEST_F(ProductFeedTest, AFailureIsToldToAllWhoWaitAndTheFeedGoesOnAfterIt) {
    begin();
    const auto first = ask(feed_at(0));
    const auto second = ask(feed_at(0));
    script_.fail_with(Error{Errc::unavailable, "The store does not answer."});
    until([&] { return first->has_value() && second->has_value(); });
    EXPECT_EQ((*first)->error().code, Errc::unavailable);
    EXPECT_EQ((*second)->error().code, Errc::unavailable);
    script_.fail_with(std::nullopt);
    const auto third = ask(feed_at(0));
    make(1);
    until([&] { return third->has_value(); });
    EXPECT_EQ((**third)->changes.size(), 1u);
}

TEST_F(ProductFeedTest, AStopLetsGoOfAllAtOnceAndTakesNobody) {
    begin();
    const auto waiting = ask(feed_at(0));
    feed_.stop();
    settle();
    ASSERT_TRUE(*waiting);
    EXPECT_EQ((*waiting)->error().code, Errc::unavailable);
    EXPECT_EQ((*ask(feed_at(0)))->error().code, Errc::unavailable);
    EXPECT_EQ(feed_.watch().error().code, Errc::unavailable);
}

TEST_F(ProductFeedTest, WhoGivesUpIsLetGo) {
    begin();
    asio::cancellation_signal signal;
    std::optional<Result<FeedPage>> answer;
    auto call = [&]() -> asio::awaitable<void> {
        co_await asio::this_coro::throw_if_cancelled(false);
        answer = co_await feed_.changes(feed_at(0), {}, Deadline::max(), Deadline::max());
    };
    asio::co_spawn(io_, call(), asio::bind_cancellation_slot(signal.slot(), [](const std::exception_ptr&) {}));
    settle();
    EXPECT_FALSE(answer);
    signal.emit(asio::cancellation_type::terminal);
    settle();
    ASSERT_TRUE(answer);
    EXPECT_EQ(answer->error().code, Errc::cancelled);
}

TEST_F(ProductFeedTest, CountsWhoFollows) {
    {
        std::vector<Result<ProductFeed::Watcher>> places;
        for (int i = 0; i < 3; ++i) places.push_back(feed_.watch());
        EXPECT_TRUE(places.back());
        EXPECT_EQ(feed_.watchers(), 3u);
        EXPECT_EQ(feed_.watch().error().code, Errc::resource_exhausted);
    }
    EXPECT_EQ(feed_.watchers(), 0u);
    EXPECT_TRUE(feed_.watch());
}

TEST(ChangeCause, IsTheMessageWhoseTimeIsTheChanges) {
    const Timestamp time(1'000ms);
    StoredProduct stored;
    stored.product.updated_at = time;
    stored.history.fences.remember({{"create-product", 1}, 7, Timestamp(500ms)}, Timestamp(500ms));
    EXPECT_FALSE(message_of_change(stored)) << "a direct write came behind it";
    stored.history.fences.remember({{"update-product", 2}, 9, time}, time);
    const auto message = message_of_change(stored);
    ASSERT_TRUE(message);
    EXPECT_EQ(*message, (Position{{"update-product", 2}, 9, time}));
    EXPECT_EQ(message_of_change(Tombstone{{}, {}, Timestamp(500ms), stored.history})->source.topic, "create-product");
    EXPECT_FALSE(time_of_change(Nothing{}));
    EXPECT_FALSE(message_of_change(Nothing{}));
}

}  // namespace

}  // namespace productd
