// AdaptiveLimit before a model of what it protects: places that work on one request each, in the order they came.
#include "async/adaptive_limit.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <limits>
#include <queue>
#include <vector>

namespace productd {
namespace {

using namespace std::chrono_literals;
using Time = AdaptiveLimit::Clock::time_point;
using Duration = AdaptiveLimit::Clock::duration;

constexpr auto target = 50ms;

/// Virtual time; `places` requests are worked on at once, each takes `each`.
class Server {
public:
    Server(std::size_t places, Duration each) : busy_until_(places, now_), each_(each) {}

    struct Load {
        std::size_t refused = 0;
        std::vector<Duration> took;  ///< Of those let in.

        std::size_t arrived() const { return refused + took.size(); }
        Duration quantile(double of) {
            std::ranges::sort(took);
            return took.at(static_cast<std::size_t>(of * static_cast<double>(took.size() - 1)));
        }
    };
    /// Requests come evenly, whatever becomes of earlier ones.
    Load come(std::size_t a_second, Duration during) {
        Load load;
        const auto until = now_ + during;
        for (auto next = now_; next < until; next += Duration(1s) / a_second) {
            finish(next);
            now_ = next;
            if (!limit.enter(now_)) {
                ++load.refused;
                continue;
            }
            if (under_way_.size() >= queue_max) {
                limit.left(now_, now_, AdaptiveLimit::End::failed);
                continue;
            }
            const auto free = std::ranges::min_element(busy_until_);
            *free = std::max(*free, now_) + each_;
            under_way_.push({now_, *free});
            load.took.push_back(*free - now_);
        }
        finish(until);
        now_ = until;
        return load;
    }
    void rest(Duration during) {
        now_ += during;
        finish(now_);
    }
    void takes(Duration each) { each_ = each; }
    /// Nothing is done for so long.
    void stall(Duration during) {
        for (auto& until : busy_until_) until = std::max(until, now_) + during;
    }

    AdaptiveLimit limit{target};
    std::size_t queue_max = std::numeric_limits<std::size_t>::max();  ///< Beyond which requests fail at once.

private:
    struct Request {
        Time came;
        Time done;
        bool operator>(const Request& other) const { return done > other.done; }
    };
    void finish(Time by) {
        for (; !under_way_.empty() && under_way_.top().done <= by; under_way_.pop()) {
            limit.left(under_way_.top().came, under_way_.top().done, AdaptiveLimit::End::done);
        }
    }

    Time now_ = Time(1h);
    std::vector<Time> busy_until_;
    Duration each_;
    std::priority_queue<Request, std::vector<Request>, std::greater<>> under_way_;
};

TEST(AdaptiveLimit, RefusesNothingBelowWhatIsDone) {
    Server server(4, 1ms);
    EXPECT_EQ(server.come(3'600, 20s).refused, 0u);
    EXPECT_EQ(server.limit.reading().limit, AdaptiveLimit::none);
}

TEST(AdaptiveLimit, AtFourTimesWhatIsDoneThoseLetInTakeTheTargetAndNoPlaceRests) {
    Server server(4, 1ms);
    server.come(16'000, 5s);
    auto load = server.come(16'000, 20s);
    EXPECT_LT(load.quantile(0.5), 2 * target);
    EXPECT_LT(load.quantile(0.99), 3 * target);
    EXPECT_GT(load.took.size(), 4'000u * 20 * 95 / 100);
    EXPECT_EQ(server.limit.reading().refused > 0, load.refused > 0);
}

TEST(AdaptiveLimit, RefusesNobodySoonAfterTheLoadIsOver) {
    Server server(4, 1ms);
    server.come(16'000, 10s);
    server.come(3'600, 2s);
    EXPECT_EQ(server.come(3'600, 20s).refused, 0u);
}

TEST(AdaptiveLimit, IsThereAgainWhenTheLoadComesBack) {
    Server server(4, 1ms);
    server.come(16'000, 10s);
    server.come(1'000, 5s);
    server.come(16'000, 3s);  // What came before it was noticed.
    auto load = server.come(16'000, 5s);
    EXPECT_LT(load.quantile(0.99), 3 * target);
    EXPECT_GT(load.took.size(), 4'000u * 5 * 9 / 10);
}

TEST(AdaptiveLimit, WhatIsSlowWithoutAQueueIsLetIn) {
    Server server(10'000, 200ms);
    server.come(2'000, 10s);  // 400 at a time, each four times as long as the target.
    EXPECT_EQ(server.come(2'000, 20s).refused, 0u);
}

TEST(AdaptiveLimit, WhatIsSlowAndHasAQueueToo) {
    Server server(100, 200ms);
    server.come(2'000, 10s);
    auto load = server.come(2'000, 20s);
    EXPECT_GT(load.took.size(), 500u * 20 * 9 / 10);
    EXPECT_LT(load.quantile(0.99), 20 * target);
}

TEST(AdaptiveLimit, LearnsFromFewWhatIsUsual) {
    Server server(10'000, 200ms);
    server.come(20, 5s);
    EXPECT_EQ(server.come(2'000, 5s).refused, 0u);
}

TEST(AdaptiveLimit, WhatHasBecomeFastIsHeldToTheTargetAgain) {
    Server server(4, 200ms);
    server.come(10, 5s);
    server.takes(1ms);
    server.rest(2s);
    server.come(100, 5s);
    server.come(16'000, 5s);
    EXPECT_LT(server.come(16'000, 10s).quantile(0.99), 3 * target);
}

TEST(AdaptiveLimit, AShortStallRefusesNobody) {
    Server server(4, 1ms);
    server.come(2'000, 10s);
    server.stall(100ms);
    EXPECT_EQ(server.come(2'000, 10s).refused, 0u);
}

TEST(AdaptiveLimit, WhatDoesNotEndHoldsTheLeastThatIsLetIn) {
    Server server(4, 1ms);
    server.come(2'000, 5s);
    server.stall(1h);
    server.come(2'000, 3s);
    auto load = server.come(2'000, 10s);
    EXPECT_EQ(load.took.size(), 0u);
    EXPECT_EQ(server.limit.reading().limit, AdaptiveLimit::least);
}

TEST(AdaptiveLimit, WhatFailsAtOnceSaysNothingOfHowLongWorkTakes) {
    Server server(4, 1ms);
    server.queue_max = 1'000;
    server.come(16'000, 5s);
    auto load = server.come(16'000, 20s);
    EXPECT_LT(load.quantile(0.99), 3 * target);
    EXPECT_GT(load.took.size(), 4'000u * 20 * 95 / 100);
}

TEST(AdaptiveLimit, ABurstNowAndThenIsLetIn) {
    Server server(4, 1ms);
    server.come(2'000, 5s);
    server.stall(1'300ms);
    server.come(400, 2s);  // Cuts it.
    server.come(10, 60s);
    for (int burst = 0; burst < 10; ++burst) {
        EXPECT_EQ(server.come(100'000, 1ms).refused, 0u);  // A hundred at once.
        server.rest(3s);
    }
}

TEST(AdaptiveLimit, WhatIsSlowWithoutAQueueIsLetInHoweverItBegan) {
    for (const std::size_t a_second : {90u, 100u, 110u, 150u}) {  // Some twenty at a time.
        Server server(10'000, 200ms);
        server.come(a_second, 10s);
        server.come(10 * a_second, 40s);
        EXPECT_EQ(server.come(10 * a_second, 20s).refused, 0u) << a_second;
    }
    Server failed_over(10'000, 1ms);
    failed_over.come(2'000, 5s);
    failed_over.takes(200ms);
    failed_over.stall(1'500ms);
    failed_over.come(2'000, 40s);
    EXPECT_EQ(failed_over.come(2'000, 20s).refused, 0u);
}

TEST(AdaptiveLimit, WhatWasSlowForAMomentIsHeldToTheTargetAgainUnderLoad) {
    Server server(4, 1ms);
    server.takes(2s);
    server.come(1, 5s);
    server.takes(1ms);
    server.come(16'000, 60s);
    EXPECT_LT(server.come(16'000, 20s).quantile(0.99), 4 * target);
}

TEST(AdaptiveLimit, AlwaysLetsInTheLeast) {
    Server server(1, 1s);
    server.come(1'000, 30s);
    EXPECT_GE(server.limit.reading().limit, AdaptiveLimit::least);
    EXPECT_GE(server.limit.reading().under_way, AdaptiveLimit::least - 1);
}

TEST(AdaptiveLimit, AtATargetOfZeroLetsInEverything) {
    AdaptiveLimit limit(0s);
    for (int i = 0; i < 100'000; ++i) EXPECT_TRUE(limit.enter(Time(1s + i * 1ms)));
    EXPECT_EQ(limit.reading().under_way, 0u);
}

}  // namespace
}  // namespace productd
