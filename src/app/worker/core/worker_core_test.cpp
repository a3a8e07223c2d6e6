// Tests of the core as a whole: what it reads and commits, when it wants to be woken, and what it reports.
#include "app/worker/core/worker_core_fixture.hpp"

namespace productd {
namespace {

using namespace test;
using namespace std::chrono_literals;

class WorkerCoreTest : public WorkerCoreFixture {};

TEST_F(WorkerCoreTest, ACommitThatFailsIsReportedAndWrittenAgain) {
    begin();
    read(create(1));
    apply_all();
    pass(settings.commit_interval);
    ASSERT_EQ(commits.size(), 1U);
    EXPECT_EQ(commits.front().commits.front().second.offset, 1);
    end_commit(fail(Errc::unavailable, "no"));
    EXPECT_EQ(observer.logs_failed, std::vector<std::string>{"commit"});
    EXPECT_TRUE(commits.empty()) << "it is not due yet";
    pass(settings.commit_interval);
    end_commit();
    EXPECT_EQ(observer.logs_failed.size(), 1U);
    pass(settings.commit_interval);
    EXPECT_TRUE(commits.empty()) << "there is nothing new";
}

TEST_F(WorkerCoreTest, CommitsOnceAnIntervalAndOneAtATime) {
    begin();
    read(create(1));
    EXPECT_TRUE(commits.empty());
    pass(settings.commit_interval - 1ms);
    EXPECT_TRUE(commits.empty());
    EXPECT_EQ(core->wake_at(now), now.steady + 1ms);
    pass(1ms);
    ASSERT_EQ(commits.size(), 1U);
    apply_all();
    pass(10 * settings.commit_interval);
    EXPECT_EQ(commits.size(), 1U) << "one is under way";
    end_commit();
    pass(settings.commit_interval);
    EXPECT_EQ(commits.size(), 1U);
}

TEST_F(WorkerCoreTest, ReportsWhatItHoldsAndHowLongEachMessageTook) {
    begin();
    read({create(1), create(2)});
    EXPECT_EQ(observer.messages, 2U);
    EXPECT_EQ(observer.last.in_flight, 2U);
    EXPECT_GT(observer.last.in_flight_bytes, 2 * sizeof(WorkItem));
    pass(7ms);
    answer(call(), {ChangeOutcome{standing()}, ChangeOutcome{Rejected{{Errc::already_exists, "there"}}}});
    EXPECT_EQ(observer.batches, 1U);
    EXPECT_EQ(observer.endings, (std::map<Ending, int>{{Ending::applied, 1}}));
    EXPECT_EQ(observer.last.in_flight, 1U);
    EXPECT_EQ(observer.last.dead_letters_waiting, 1U);
    acknowledge_letters();
    EXPECT_EQ(observer.last.dead_letters_waiting, 0U);
    EXPECT_EQ(observer.last.in_flight, 0U);
    EXPECT_EQ(observer.last.in_flight_bytes, 0U);
    EXPECT_EQ(observer.ages, (std::vector<std::chrono::nanoseconds>{7ms, 7ms}));
    read(update(9));
    answer(call(), ChangeOutcome{NotApplied{}});
    EXPECT_EQ(observer.last.parked, 1U);
}

TEST_F(WorkerCoreTest, ReportsEachChangeOfTheBreakerOnceAndFetchesNothingMeanwhile) {
    settings.breaker.failures_max = 1;
    begin();
    EXPECT_GT(core->fetch_room(now).messages, 0U);
    read(create(1));
    fail_call(call(), Errc::unavailable);
    EXPECT_EQ(core->fetch_room(now), FetchRoom{});
    EXPECT_EQ(core->wake_at(now), now.steady + 1ms);
    pass(1ms);
    EXPECT_EQ(core->fetch_room(now), FetchRoom{});
    end_probe();
    using State = CircuitBreaker::State;
    EXPECT_EQ(observer.breakers, (std::vector{State::open, State::half_open, State::closed}));
    EXPECT_EQ(observer.last.breaker, State::closed);
    EXPECT_GT(core->fetch_room(now).messages, 0U);
}

TEST_F(WorkerCoreTest, AMessageFromTheFutureMovesNoTimeForward) {
    begin();
    const auto wall = now.wall;
    now.wall += 2h;
    auto record = encode_event(settings.topics.create, {[&] {
                                                            auto change = create(1);
                                                            change.time = now.wall;
                                                            return change;
                                                        }(),
                                                        {},
                                                        {}});
    now.wall = wall;
    Message message{{{settings.topics.create, 0}, 0, wall + 2h}, record.key, record.value, record.headers};
    core->received({.source = message.position.source, .messages = {message}, .end = 1, .next = 1}, now);
    take();
    ASSERT_EQ(letters.size(), 1U);
    EXPECT_EQ(letters.front().item->partition->tracker.read_up_to(), Timestamp{});
}

TEST_F(WorkerCoreTest, TheEndOfALogIsNeverBeforeWhatWasReadOfIt) {
    begin();
    const auto record = encode_event(settings.topics.create, {create(1), {}, {}});
    Message message{{{settings.topics.create, 0}, 7, now.wall}, record.key, record.value, record.headers};
    core->received({.source = message.position.source, .messages = {message}, .end = 3, .next = 8}, now);
    take();
    EXPECT_EQ(core->intake().oldest_active()->partition->end, 8);
    message.position.offset = 8;
    core->received({.source = message.position.source, .messages = {message}, .end = 20, .next = 9}, now);
    take();
    EXPECT_EQ(core->intake().oldest_active()->partition->end, 20);
}

TEST_F(WorkerCoreTest, IsWokenForAProbeThatCameDueBetweenTwoSteps) {
    settings.breaker.failures_max = 1;
    begin();
    const auto last = read(create(1));
    fail_call(call(), Errc::unavailable);
    core->revoked({.partitions = {last.source}, .is_lost = true}, now);
    pass(2ms);
    end_probe(fail(Errc::unavailable, "no"));
    now.steady += 2ms;  // Nothing is held, and nothing fetched: no other step will come.
    EXPECT_LE(core->wake_at(now), now.steady);
    pass(0ms);
    EXPECT_GT(core->wake_at(now), now.steady) << "it waits for the probe's end";
    end_probe();
    EXPECT_GT(core->fetch_room(now).messages, 0U);
}

}  // namespace
}  // namespace productd
