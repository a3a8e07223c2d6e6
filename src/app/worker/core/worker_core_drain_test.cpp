// Tests of how the core lets go of partitions, and stops.
#include "app/worker/core/worker_core_fixture.hpp"

namespace productd {
namespace {

using namespace test;
using namespace std::chrono_literals;

class WorkerCoreDrainTest : public WorkerCoreFixture {};

TEST_F(WorkerCoreDrainTest, LetsGoOnceWhatRunsHasEndedAndIsCommitted) {
    begin();
    const auto last = read({create(1), create(2)});
    const auto running = call();
    read(create(3));
    core->revoked({.partitions = {last.source}}, now);
    take();
    EXPECT_TRUE(core->is_letting_go());
    EXPECT_EQ(core->fetch_room(now), FetchRoom{});
    EXPECT_EQ(core->wake_at(now), now.steady + 1s) << "messages are held, and time is counted for them";
    apply(running);
    EXPECT_TRUE(calls.empty()) << "nothing more is begun";
    EXPECT_TRUE(released.empty());
    ASSERT_EQ(commits.size(), 1U);
    EXPECT_EQ(commits.front().commits.front().second.offset, 2);
    end_commit();
    ASSERT_EQ(released.size(), 1U);
    EXPECT_EQ(released.front(), std::vector{last.source});
    EXPECT_FALSE(core->is_letting_go());
    EXPECT_EQ(core->intake().held().messages, 0U);
    EXPECT_EQ(observer.rebalances.back(), std::pair(Rebalance::revoked, std::size_t{1}));
    pass(10s);
    EXPECT_TRUE(calls.empty() && commits.empty()) << "of what is let go of nothing is done";
    read(update(1));
    EXPECT_EQ(calls.size(), 1U) << "it goes on with the rest";
}

TEST_F(WorkerCoreDrainTest, WaitsForACommitThatRunsAndCommitsTheRestBeforeItLetsGo) {
    begin();
    const auto last = read(create(1));
    apply_all();
    pass(settings.commit_interval);
    ASSERT_EQ(commits.size(), 1U);
    read(create(2));
    apply_all();
    core->revoked({.partitions = {last.source}}, now);
    take();
    EXPECT_EQ(commits.size(), 1U);
    end_commit();
    ASSERT_EQ(commits.size(), 1U);
    EXPECT_EQ(commits.front().commits.front().second.offset, 2);
    EXPECT_TRUE(released.empty());
    end_commit();
    EXPECT_EQ(released.size(), 1U);
}

TEST_F(WorkerCoreDrainTest, GoesOnAtOnceWithTheRestOnceItHasLetGo) {
    begin();
    read(create(1));
    const auto running = call();
    read(create(2));
    core->revoked({.partitions = {{settings.topics.update, 0}}}, now);
    take();
    apply(running);
    end_commit();
    EXPECT_EQ(calls.size(), 1U);
}

TEST_F(WorkerCoreDrainTest, CutsCallsOffOnceTheDrainLimitIsOverAndLearnsNothingFromThat) {
    settings.breaker.failures_max = 1;
    begin();
    const auto last = read(create(1));
    const auto running = call();
    core->revoked({.partitions = {last.source}}, now);
    take();
    pass(settings.drain_limit - 1ms);
    EXPECT_EQ(cuts, 0);
    EXPECT_EQ(core->wake_at(now), now.steady + 1ms);
    pass(1ms);
    EXPECT_EQ(cuts, 1);
    pass(1s);
    EXPECT_EQ(cuts, 1);
    fail_call(running, Errc::deadline_exceeded);
    EXPECT_TRUE(observer.breakers.empty());
    EXPECT_TRUE(observer.retries.empty());
    end_commit();
    EXPECT_EQ(released.size(), 1U);
}

TEST_F(WorkerCoreDrainTest, StopsOnceWhatRunsIsCommitted) {
    begin();
    read(create(1));
    const auto running = call();
    core->stop(now);
    take();
    EXPECT_FALSE(core->has_stopped());
    apply(running);
    end_commit();
    EXPECT_TRUE(core->has_stopped());
    EXPECT_TRUE(released.empty());
}

TEST_F(WorkerCoreDrainTest, CutsCallsOffEarlierWhereAStopHasLessTimeThanTheDrainLimit) {
    begin();
    read(create(1));
    const auto running = call();
    core->stop(now, now.steady + 5ms);
    take();
    EXPECT_EQ(core->wake_at(now), now.steady + 5ms);
    pass(5ms);
    EXPECT_EQ(cuts, 1);
    fail_call(running, Errc::deadline_exceeded);
    end_commit();
    EXPECT_TRUE(core->has_stopped());
}

TEST_F(WorkerCoreDrainTest, CommitsNothingOfPartitionsThatAreLost) {
    begin();
    const auto last = read(create(1));
    const auto running = call();
    core->revoked({.partitions = {last.source}, .is_lost = true}, now);
    take();
    EXPECT_EQ(released.size(), 1U);
    EXPECT_EQ(observer.rebalances.back(), std::pair(Rebalance::lost, std::size_t{1}));
    apply(running);
    pass(settings.commit_interval);
    EXPECT_TRUE(commits.empty());
    EXPECT_TRUE(observer.endings.empty()) << "it may be another member's by now";
}

TEST_F(WorkerCoreDrainTest, APartitionThatIsHeldWhenItIsLetGoOfIsResumedForWhoComesBack) {
    settings.lane_max = 2;
    begin();
    const auto last = read({update(1), update(1)});
    ASSERT_EQ(held, std::set{last.source.topic});
    core->revoked({.partitions = {last.source}, .is_lost = true}, now);
    take();
    EXPECT_TRUE(held.empty());
}

TEST_F(WorkerCoreDrainTest, APartitionToLetGoOfDoesNotPutOffTheEndOfAStop) {
    begin();
    const auto last = read(create(1));
    core->stop(now);
    take();
    pass(settings.drain_limit - 1ms);
    core->revoked({.partitions = {last.source}}, now);
    take();
    EXPECT_EQ(cuts, 0);
    EXPECT_EQ(core->wake_at(now), now.steady + 1ms);
    pass(1ms);
    EXPECT_EQ(cuts, 1);
}

}  // namespace
}  // namespace productd
