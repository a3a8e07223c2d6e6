// What ends a stream of Watch, what it may take, and what is counted of it.
#include <gmock/gmock.h>

#include "async/byte_budget.hpp"
#include "fakes/log_lines.hpp"
#include "inbound/grpc/grpc_watch_fixture.hpp"

namespace productd {
namespace {

using grpc::StatusCode;
using namespace std::chrono_literals;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;

class GrpcWatchLimitsTest : public GrpcWatchFixture {
protected:
    GrpcWatchLimitsTest() { feed_settings.heartbeat = 1h; }  // Who is not let go of at once waits for ever.

    /// Far more than the windows of HTTP/2 hold.
    void make_much() {
        for (std::uint32_t number = 1; number <= 200; ++number) changes.make(number, 200'000);
    }
    /// Waits until a client that does not read holds the stream up: nothing more is read of the feed.
    void wait_until_held_up() {
        for (std::size_t before = 0, reads = 1; before != reads || settings.requests_bytes->held() == 0;) {
            before = reads;
            for (int i = 0; i < 200; ++i) std::this_thread::yield();
            reads = changes.reads();
        }
    }
};

TEST_F(GrpcWatchLimitsTest, RefusesWatchersAboveTheBoundUntilOneGoes) {
    feed_settings.watchers_max = 1;
    const auto stub = client();
    WatchingClient first(*stub);
    first.until(Kind::UP_TO_DATE);
    const auto refused = WatchingClient(*stub).end();
    EXPECT_EQ(refused.error_code(), StatusCode::RESOURCE_EXHAUSTED);
    EXPECT_THAT(refused.error_message(), HasSubstr("try again later"));
    first.cancel();
    wait_for_watchers(0);
    EXPECT_FALSE(WatchingClient(*stub).until(Kind::UP_TO_DATE).empty());
}

TEST_F(GrpcWatchLimitsTest, DoesNotCountAmongTheCallsInFlight) {
    settings.calls_in_flight_max = 1;
    const auto stub = client();
    std::deque<WatchingClient> watching;
    for (int i = 0; i < 5; ++i) watching.emplace_back(*stub).until(Kind::UP_TO_DATE);
    EXPECT_EQ(server->calls_in_flight(), 0U);
    EXPECT_EQ(get(*stub, unknown_id).error_code(), StatusCode::NOT_FOUND);
    EXPECT_EQ(feed->watchers(), 5U);
}

TEST_F(GrpcWatchLimitsTest, EndsWhenItsClientGivesUp) {
    const auto stub = client();
    WatchingClient watching(*stub);
    watching.until(Kind::UP_TO_DATE);
    watching.cancel();
    EXPECT_EQ(watching.end().error_code(), StatusCode::CANCELLED);
    wait_for_watchers(0);
    EXPECT_EQ(ended("Canceled"), 1);
}

TEST_F(GrpcWatchLimitsTest, EndsAtTheDeadlineOfItsClientAndHasNoneOtherwise) {
    settings.deadline_default = settings.deadline_max = 1ms;
    feed_settings.heartbeat = 10ms;
    const auto stub = client();
    WatchingClient endless(*stub);
    for (int i = 0; i < 5; ++i) EXPECT_FALSE(endless.until(Kind::UP_TO_DATE).empty());
    for (bool has_come = false; !has_come;) {
        WatchingClient watching(*stub, {}, 300ms);
        has_come = !watching.until(Kind::UP_TO_DATE).empty();
        EXPECT_EQ(watching.end().error_code(), StatusCode::DEADLINE_EXCEEDED);
    }
    wait_for_watchers(1);
    EXPECT_GE(ended("DeadlineExceeded") + ended("Canceled"), 1) << "whose clock is ahead says which";
}

TEST_F(GrpcWatchLimitsTest, AStopEndsAHundredThatWait) {
    const auto stub = client();
    std::deque<WatchingClient> watching;
    for (int i = 0; i < 100; ++i) watching.emplace_back(*stub).until(Kind::UP_TO_DATE);
    EXPECT_EQ(feed->watchers(), 100U);
    feed->stop();
    for (auto& one : watching) EXPECT_EQ(one.end().error_code(), StatusCode::UNAVAILABLE);
    EXPECT_EQ(WatchingClient(*stub).end().error_code(), StatusCode::UNAVAILABLE) << "nobody is taken any more";
    EXPECT_TRUE(server->stop(std::chrono::system_clock::now() + 1min));
    EXPECT_EQ(feed->watchers(), 0U);
    EXPECT_EQ(ended("Unavailable"), 101);
}

TEST_F(GrpcWatchLimitsTest, HoldsOnePageForAClientThatDoesNotRead) {
    settings.requests_bytes = std::make_shared<ByteBudget>(64 << 20);
    make_much();
    const auto to = channel();
    const auto slow = unread_watch(to, 0);
    wait_until_held_up();
    EXPECT_LT(changes.reads(), 190U) << "of 200 pages";
    EXPECT_LE(settings.requests_bytes->held(), 500'000U);
    std::size_t told = 0;
    while (slow->receive().size() > 200'000 && ++told < 200) continue;
    EXPECT_EQ(told, 200U) << "it goes on once it is read";
    while (settings.requests_bytes->held() > 0) std::this_thread::yield();
}

TEST_F(GrpcWatchLimitsTest, CutsOffAClientThatDoesNotRead) {
    settings.requests_bytes = std::make_shared<ByteBudget>(64 << 20);
    settings.write_timeout = 100ms;
    make_much();
    const auto slow = unread_watch(channel(), 0);
    while (ended("Canceled") == 0) std::this_thread::yield();
    wait_for_watchers(0);
    EXPECT_EQ(settings.requests_bytes->held(), 0U);
}

TEST_F(GrpcWatchLimitsTest, AStopDoesNotWaitForAClientThatDoesNotRead) {
    settings.requests_bytes = std::make_shared<ByteBudget>(64 << 20);
    settings.write_timeout = 1h;
    make_much();
    const auto slow = unread_watch(channel(), 0);
    wait_until_held_up();
    feed->stop();
    const auto deadline = std::chrono::system_clock::now() + 1min;
    EXPECT_TRUE(server->stop(deadline));
    EXPECT_LT(std::chrono::system_clock::now(), deadline);
}

TEST_F(GrpcWatchLimitsTest, RefusesAPageThatHasNoRoomAndTellsSmallOnes) {
    settings.requests_bytes = std::make_shared<ByteBudget>(100'000);
    changes.make(1, 1'000);
    changes.make(2, 150'000);
    const auto stub = client();
    EXPECT_EQ(WatchingClient(*stub, since(1)).end().error_code(), StatusCode::RESOURCE_EXHAUSTED);
    changes.make(3, 1'000);
    EXPECT_THAT(WatchingClient(*stub, since(2)).until(Kind::UP_TO_DATE),
                ElementsAre("CHANGE m.00000003 3 v1", "UP_TO_DATE m.00000003"));
}

TEST_F(GrpcWatchLimitsTest, CountsWhatAStreamDoesAndHasALineAtItsEnd) {
    settings.access_log = GrpcAccessLog::all;
    changes.make(1);
    const auto lines = test::log_lines([&] {
        const auto stub = client();
        WatchingClient watching(*stub);
        watching.until(Kind::UP_TO_DATE);
        while (messages_sent() < 3) std::this_thread::yield();  // gRPC tells it after its client has it.
        watching.cancel();
        watching.end();
        wait_for_watchers(0);
    });
    EXPECT_EQ(ended("Canceled"), 1);
    EXPECT_EQ(metric("products_watch_incoming_grpc_requests_total"), 1);
    EXPECT_EQ(metrics.text().find("productd_grpc_request_duration_seconds_count{method=\"watch\"}"), std::string::npos);
    EXPECT_THAT(lines, ElementsAre(AllOf(HasSubstr(R"("method":"Watch","code":"Canceled","duration_ms":)"),
                                         HasSubstr(R"("request_id":"watch-1")"))));
}

}  // namespace
}  // namespace productd
