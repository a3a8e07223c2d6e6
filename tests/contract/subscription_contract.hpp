// What every Subscription must do, whatever log it belongs to. Instantiated as MessageLogContract is.
#pragma once

#include "contract/message_log_fixture.hpp"

namespace productd::contract {

template <class Harness>
class SubscriptionContract : public MessageLogFixture<Harness> {};

TYPED_TEST_SUITE_P(SubscriptionContract);

TYPED_TEST_P(SubscriptionContract, AssignsAllPartitionsFirst) {
    auto subscription = this->subscribe();
    const auto assigned = this->assigned(*subscription);
    ASSERT_EQ(assigned.partitions.size(), 3U);
    for (const auto& partition : assigned.partitions) EXPECT_FALSE(partition.commit);
}

TYPED_TEST_P(SubscriptionContract, DeliversEveryPartitionInOrderAndNoneTwice) {
    for (std::int32_t partition = 0; partition < 3; ++partition) this->publish(this->records(partition, 50));
    auto subscription = this->subscribe();
    this->assigned(*subscription);
    const auto found = this->offsets(*subscription, 150, 7);
    ASSERT_EQ(found.size(), 3U);
    for (const auto& [partition, offsets] : found) {
        ASSERT_EQ(offsets.size(), 50U) << partition;
        for (std::size_t i = 0; i < offsets.size(); ++i) EXPECT_EQ(offsets[i], static_cast<std::int64_t>(i));
    }
}

TYPED_TEST_P(SubscriptionContract, LetsNoPartitionStarveAnother) {
    this->publish(this->records(0, 50));
    this->publish(this->records(1, 50));
    auto subscription = this->subscribe();
    this->assigned(*subscription);
    // What a server has still to be asked for comes when it comes: most of each is taken first.
    subscription->hold(this->source(1));
    EXPECT_GE(this->offsets(*subscription, 40, 5)[0].size(), 40U);
    subscription->hold(this->source(0));
    subscription->resume(this->source(1));
    EXPECT_GE(this->offsets(*subscription, 40, 5)[1].size(), 40U);
    subscription->resume(this->source(0));
    const auto first = this->delivered(*subscription, {5}).source.partition;
    EXPECT_NE(this->delivered(*subscription, {5}).source.partition, first);
}

TYPED_TEST_P(SubscriptionContract, TellsOnlyOfPartitionsAndDoesNotWaitWhenNoMessageMayCome) {
    this->publish(this->records(0, 5));
    auto subscription = this->subscribe();
    this->assigned(*subscription);
    EXPECT_TRUE(this->delivered(*subscription, {}).messages.empty());
    EXPECT_EQ(this->offsets(*subscription, 5)[0].size(), 5U);
}

TYPED_TEST_P(SubscriptionContract, WakesAWaitingSubscriberWhenSomethingIsPublished) {
    auto subscription = this->subscribe();
    this->assigned(*subscription);
    auto waiting = this->loop_.start(subscription->next({10}));
    this->loop_.settle();
    EXPECT_FALSE(waiting.ended());
    this->publish(this->records(1, 1));
    auto event = waiting.result();
    ASSERT_TRUE(event);
    EXPECT_EQ(std::get<Records>(*event).messages.front().value, "value-0");
}

TYPED_TEST_P(SubscriptionContract, RedeliversEverythingAboveTheCommitAfterAKill) {
    this->publish(this->records(1, 10));
    {
        auto subscription = this->subscribe();
        this->assigned(*subscription);
        this->offsets(*subscription, 10);
        ASSERT_TRUE(this->loop_.run(subscription->commit(this->source(1), {4, ""})));
    }
    this->harness_.reopen();
    auto subscription = this->subscribe();
    for (const auto& partition : this->assigned(*subscription).partitions) {
        if (partition.source.partition == 1) {
            EXPECT_EQ(partition.commit.value_or(Commit{}).offset, 4);
        }
    }
    EXPECT_EQ(this->offsets(*subscription, 6)[1], (std::vector<std::int64_t>{4, 5, 6, 7, 8, 9}));
}

TYPED_TEST_P(SubscriptionContract, DeliversEverythingAgainWhenNothingWasCommitted) {
    this->publish(this->records(0, 5));
    {
        auto subscription = this->subscribe();
        this->assigned(*subscription);
        this->offsets(*subscription, 5);
    }
    this->harness_.reopen();
    auto subscription = this->subscribe();
    this->assigned(*subscription);
    EXPECT_EQ(this->offsets(*subscription, 5)[0].size(), 5U);
}

TYPED_TEST_P(SubscriptionContract, GivesBackTheMetadataOfACommit) {
    this->publish(this->records(2, 3));
    const std::string metadata(4'096, '~');
    {
        auto subscription = this->subscribe();
        this->assigned(*subscription);
        ASSERT_TRUE(this->loop_.run(subscription->commit(this->source(2), {2, metadata})));
    }
    this->harness_.reopen();
    auto commits = this->loop_.run(this->log().commits(this->harness_.group("group")));
    ASSERT_TRUE(commits);
    ASSERT_EQ(commits->size(), 1U);
    EXPECT_EQ(commits->front().first, this->source(2));
    EXPECT_EQ(commits->front().second.offset, 2);
    EXPECT_EQ(commits->front().second.metadata, metadata);
    auto subscription = this->subscribe();
    EXPECT_EQ(this->assigned(*subscription).partitions[2].commit.value_or(Commit{}).metadata, metadata);
}

TYPED_TEST_P(SubscriptionContract, RefusesMetadataThatIsTooLongOrNotAscii) {
    auto subscription = this->subscribe();
    this->assigned(*subscription);
    for (const std::string& metadata : {std::string(4'097, 'x'), std::string("\xc3\xa9")}) {
        auto refused = this->loop_.run(subscription->commit(this->source(0), {0, metadata}));
        ASSERT_FALSE(refused);
        EXPECT_EQ(refused.error().code, Errc::invalid_argument);
    }
}

TYPED_TEST_P(SubscriptionContract, DeliversNothingOfAHeldPartitionAndLosesNothing) {
    this->publish(this->records(0, 10));
    auto subscription = this->subscribe();
    this->assigned(*subscription);
    this->take(*subscription, 4);
    subscription->hold(this->source(0));
    this->publish(this->records(1, 1));
    EXPECT_EQ(this->delivered(*subscription).source, this->source(1));
    auto waiting = this->loop_.start(subscription->next({10}));
    this->publish(this->records(0, 1));
    this->loop_.settle();
    EXPECT_FALSE(waiting.ended());
    subscription->resume(this->source(0));
    auto event = waiting.result();
    ASSERT_TRUE(event);
    EXPECT_EQ(std::get<Records>(*event).source, this->source(0));
    EXPECT_EQ(std::get<Records>(*event).messages.front().position.offset, 4);
}

TYPED_TEST_P(SubscriptionContract, EndsAWaitingNextWhenItIsClosedAndStillCommits) {
    this->publish(this->records(0, 1));
    auto subscription = this->subscribe();
    this->assigned(*subscription);
    this->delivered(*subscription);
    auto waiting = this->loop_.start(subscription->next({10}));
    this->loop_.settle();
    subscription->close();
    auto ended = waiting.result();
    ASSERT_FALSE(ended);
    EXPECT_EQ(ended.error().code, Errc::cancelled);
    auto again = this->loop_.run(subscription->next({10}));
    ASSERT_FALSE(again);
    EXPECT_EQ(again.error().code, Errc::cancelled);
    EXPECT_TRUE(this->loop_.run(subscription->commit(this->source(0), {1, ""})));
}

TYPED_TEST_P(SubscriptionContract, LetsEveryGroupReadAtItsOwnPace) {
    this->publish(this->records(0, 5));
    auto first = this->subscribe("first");
    auto second = this->subscribe("second");
    this->assigned(*first);
    this->assigned(*second);
    EXPECT_EQ(this->offsets(*first, 5)[0].size(), 5U);
    ASSERT_TRUE(this->loop_.run(first->commit(this->source(0), {5, "first"})));
    EXPECT_EQ(this->offsets(*second, 5)[0].size(), 5U);
    auto commits = this->loop_.run(this->log().commits(this->harness_.group("second")));
    ASSERT_TRUE(commits);
    EXPECT_TRUE(commits->empty());
}

TYPED_TEST_P(SubscriptionContract, SaysThatASubscribedTopicIsMissing) {
    auto subscription =
        this->log().subscribe(this->harness_.group("group"), {this->topic("nowhere")}, this->loop_.executor());
    auto event = this->loop_.run(subscription->next({10}));
    ASSERT_FALSE(event);
    EXPECT_EQ(event.error().code, Errc::not_found);
}

TYPED_TEST_P(SubscriptionContract, StartsAtTheBeginWhenTheCommitWasTrimmedAway) {
    if (!this->can_trim) GTEST_SKIP() << "this server drops no messages";
    this->publish(this->records(0, 10));
    {
        auto subscription = this->subscribe();
        this->assigned(*subscription);
        ASSERT_TRUE(this->loop_.run(subscription->commit(this->source(0), {2, "old"})));
    }
    ASSERT_TRUE(this->loop_.run(this->log().trim(this->source(0), 6)));
    auto subscription = this->subscribe();
    this->assigned(*subscription);
    EXPECT_EQ(this->offsets(*subscription, 4)[0], (std::vector<std::int64_t>{6, 7, 8, 9}));
}

REGISTER_TYPED_TEST_SUITE_P(SubscriptionContract, AssignsAllPartitionsFirst, DeliversEveryPartitionInOrderAndNoneTwice,
                            LetsNoPartitionStarveAnother, TellsOnlyOfPartitionsAndDoesNotWaitWhenNoMessageMayCome,
                            WakesAWaitingSubscriberWhenSomethingIsPublished,
                            RedeliversEverythingAboveTheCommitAfterAKill,
                            DeliversEverythingAgainWhenNothingWasCommitted, GivesBackTheMetadataOfACommit,
                            RefusesMetadataThatIsTooLongOrNotAscii, DeliversNothingOfAHeldPartitionAndLosesNothing,
                            EndsAWaitingNextWhenItIsClosedAndStillCommits, LetsEveryGroupReadAtItsOwnPace,
                            SaysThatASubscribedTopicIsMissing, StartsAtTheBeginWhenTheCommitWasTrimmedAway);

}  // namespace productd::contract
