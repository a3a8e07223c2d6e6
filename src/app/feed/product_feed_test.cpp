#include "app/feed/product_feed.hpp"

#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <functional>

#include "app/feed/scripted_feed_fixture.hpp"
#include "fakes/fake_ports.hpp"

namespace productd {

namespace {

using namespace std::chrono_literals;

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
    test::FakeClock clock_;
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

}  // namespace

}  // namespace productd
