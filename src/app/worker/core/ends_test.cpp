// Tests of what who waits for a message is told, and of what follows a condemned one.
#include "app/worker/core/worker_core_fixture.hpp"

namespace productd {
namespace {

using namespace test;
using namespace std::chrono_literals;

class EndsTest : public WorkerCoreFixture {
protected:
    /// What is told of one message that ends so.
    Outcome told_of(const ChangeOutcome& outcome) {
        begin();
        const auto position = read(create(1), "wait-1");
        answer(call(), outcome);
        EXPECT_EQ(told.size(), 1U);
        EXPECT_EQ(told.back().wait_id, "wait-1");
        EXPECT_EQ(told.back().position, position);
        const auto last = told.back().outcome;
        told.clear();
        ends.clear();
        return last;
    }
    static Errc code_of(const Outcome& outcome) {
        return std::holds_alternative<Error>(outcome) ? std::get<Error>(outcome).code : Errc::unknown;
    }
    static ChangeOutcome unchanged(Superseded::Why why, bool was_applied = false) {
        return Unchanged{.why = why, .state = standing(), .was_applied = was_applied};
    }
};

TEST_F(EndsTest, WhoWaitsIsToldWhatBecameOfItsMessage) {
    using enum Superseded::Why;
    EXPECT_TRUE(std::get<Applied>(told_of(standing())).product);
    EXPECT_TRUE(std::holds_alternative<Applied>(told_of(unchanged(repeated))));
    EXPECT_TRUE(std::holds_alternative<Applied>(told_of(unchanged(redelivered, true))));
    EXPECT_TRUE(std::holds_alternative<Finished>(told_of(unchanged(redelivered, false))));
    EXPECT_EQ(code_of(told_of(unchanged(overtaken))), Errc::not_found);
    EXPECT_EQ(code_of(told_of(unchanged(spent))), Errc::not_found);
    EXPECT_THAT(std::get<Error>(told_of(unchanged(spent))).detail, testing::HasSubstr("needs a new key"));
    EXPECT_EQ(code_of(told_of(Refused{{Errc::aborted, "no"}})), Errc::aborted);
    EXPECT_EQ(code_of(told_of(Rejected{{Errc::already_exists, "no"}})), Errc::already_exists);
}

TEST_F(EndsTest, NobodyIsToldOfAMessageForWhichNobodyWaits) {
    begin();
    read({create(1), create(2), create(3)});
    answer(call(), {standing(), unchanged(Superseded::Why::repeated), Refused{{Errc::aborted, "no"}}});
    EXPECT_TRUE(told.empty());
    EXPECT_EQ(observer.endings,
              (std::map<Ending, int>{{Ending::applied, 1}, {Ending::superseded, 1}, {Ending::refused, 1}}));
}

TEST_F(EndsTest, LaterOnesOfItsTopicWaitForTheLetterAndItsMessageIsCommittedAfterThat) {
    begin();
    read({create(1), create(1)});
    answer(call(), {Rejected{{Errc::already_exists, "no"}}, NotTried{}});
    ASSERT_EQ(letters.size(), 1U);
    EXPECT_EQ(letters.front().code, "already_exists");
    pass(1s);
    EXPECT_TRUE(calls.empty());
    ASSERT_EQ(commits.size(), 1U);
    EXPECT_EQ(commits.front().commits.front().second.offset, 0);
    end_commit();
    acknowledge_letters();
    EXPECT_EQ(observer.endings[Ending::dead_lettered], 1);
    apply(call());
    pass(1s);
    ASSERT_EQ(commits.size(), 1U);
    EXPECT_EQ(commits.front().commits.front().second.offset, 2);
}

TEST_F(EndsTest, WhatCannotBeReadBecomesALetterAndHoldsUpNothing) {
    begin();
    const TopicPartition source{settings.topics.create, 0};
    Message message{{source, ends[source.topic]++, now.wall}, {}, "{", {}};
    core->received({.source = source, .messages = {message}, .end = 1, .next = 1}, now);
    take();
    ASSERT_EQ(letters.size(), 1U);
    EXPECT_EQ(letters.front().code, "invalid_argument");
    EXPECT_EQ(core->intake().oldest_active(), nullptr) << "it is no lag";
    EXPECT_EQ(core->intake().failing().messages, 1U);
    read(create(1));
    apply(call());
    acknowledge_letters();
    EXPECT_EQ(core->intake().held().messages, 0U);
}

TEST_F(EndsTest, AfterItsPartitionIsLostNothingIsDoneOfAMessageThatWouldBeCondemned) {
    begin();
    const auto last = read(create(1));
    const auto running = call();
    core->revoked({.partitions = {last.source}, .is_lost = true}, now);
    take();
    answer(running, ChangeOutcome{Rejected{{Errc::already_exists, "no"}}});
    EXPECT_TRUE(letters.empty());
}

}  // namespace
}  // namespace productd
