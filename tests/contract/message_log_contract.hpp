// What every MessageLog must do, whatever stands behind it. An adapter's test names a harness and instantiates the
// suite: INSTANTIATE_TYPED_TEST_SUITE_P(Sqlite, MessageLogContract, SqliteLogHarness).
//
// A harness is default-constructible and gives `MessageLog& log()`, empty at first, and `void reopen()`, which ends
// that log as a kill would (nothing is committed on the way) and opens another on the same data. `topic(name)` and
// `group(name)` are names of this test alone.
#pragma once

#include <gtest/gtest.h>

#include <boost/asio/strand.hpp>
#include <boost/asio/thread_pool.hpp>
#include <map>
#include <mutex>
#include <set>

#include "app/ports.hpp"
#include "codec/murmur2.hpp"
#include "fakes/test_loop.hpp"

namespace productd::contract {

inline Timestamp at(std::int64_t milliseconds) { return Timestamp(std::chrono::milliseconds(milliseconds)); }

template <class Harness>
class MessageLogContract : public ::testing::Test {
protected:
    using Publishing = Result<std::vector<Result<Position>>>;
    using Next = Result<SubscriptionEvent>;

    void SetUp() override { create("things", 3); }

    MessageLog& log() { return harness_.log(); }
    std::string topic(const std::string& name = "things") { return harness_.topic(name); }
    TopicPartition source(std::int32_t partition, const std::string& name = "things") {
        return {topic(name), partition};
    }
    void create(const std::string& name, std::int32_t partitions) {
        auto made = loop_.run(log().create({{topic(name), partitions}}));
        ASSERT_TRUE(made) << made.error().detail;
    }

    Record record(std::int32_t partition, std::string value) {
        return {.topic = topic(), .partition = partition, .key = "key", .value = std::move(value), .time = at(1'000)};
    }
    std::vector<Record> records(std::int32_t partition, int count) {
        std::vector<Record> made;
        for (int i = 0; i < count; ++i) made.push_back(record(partition, "value-" + std::to_string(i)));
        return made;
    }
    std::vector<Position> publish(std::vector<Record> given) {
        auto results = loop_.run(log().publish(std::move(given)));
        EXPECT_TRUE(results) << results.error().detail;
        std::vector<Position> positions;
        for (auto& result : results.value_or(std::vector<Result<Position>>())) {
            EXPECT_TRUE(result) << result.error().detail;
            if (result) positions.push_back(*result);
        }
        return positions;
    }
    std::vector<Message> read(std::int32_t partition, std::int64_t from, std::size_t max = 1'000) {
        auto messages = loop_.run(log().read(source(partition), from, max));
        EXPECT_TRUE(messages) << messages.error().detail;
        return messages.value_or(std::vector<Message>());
    }

    std::unique_ptr<Subscription> subscribe(const std::string& group = "group") {
        return log().subscribe(harness_.group(group), {topic()}, loop_.executor());
    }
    Assigned assigned(Subscription& subscription) {
        auto event = loop_.run(subscription.next(10));
        EXPECT_TRUE(event) << event.error().detail;
        return event ? std::get<Assigned>(*event) : Assigned();
    }
    Records delivered(Subscription& subscription, std::size_t max = 1'000) {
        auto event = loop_.run(subscription.next(max));
        EXPECT_TRUE(event) << event.error().detail;
        return event ? std::get<Records>(*event) : Records();
    }
    /// Offsets delivered, by partition, until there are `count`.
    std::map<std::int32_t, std::vector<std::int64_t>> offsets(Subscription& subscription, std::size_t count,
                                                              std::size_t max = 1'000) {
        std::map<std::int32_t, std::vector<std::int64_t>> found;
        for (std::size_t seen = 0; seen < count;) {
            const auto batch = delivered(subscription, max);
            if (batch.messages.empty()) break;
            EXPECT_LE(batch.messages.size(), max);
            for (const auto& message : batch.messages) {
                EXPECT_EQ(message.position.source, batch.source);
                found[batch.source.partition].push_back(message.position.offset);
            }
            seen += batch.messages.size();
        }
        return found;
    }

    TestLoop loop_;
    Harness harness_;
};

TYPED_TEST_SUITE_P(MessageLogContract);

TYPED_TEST_P(MessageLogContract, MakesOnlyTheTopicsThatAreMissing) {
    auto made = this->loop_.run(this->log().create({{this->topic(), 3}, {this->topic("more"), 2}}));
    ASSERT_TRUE(made);
    EXPECT_EQ(*made, std::vector{this->topic("more")});
    auto described = this->loop_.run(this->log().describe());
    ASSERT_TRUE(described);
    std::map<std::string, std::size_t> partitions;
    for (const auto& info : *described) partitions[info.topic] = info.partitions.size();
    EXPECT_EQ(partitions[this->topic()], 3U);
    EXPECT_EQ(partitions[this->topic("more")], 2U);
}

TYPED_TEST_P(MessageLogContract, GivesDenseAscendingPositionsInThePartition) {
    for (int round = 0; round < 3; ++round) {
        const auto positions = this->publish(this->records(1, 10));
        ASSERT_EQ(positions.size(), 10U);
        for (std::size_t i = 0; i < 10; ++i) {
            EXPECT_EQ(positions[i].source, this->source(1));
            EXPECT_EQ(positions[i].offset, round * 10 + static_cast<std::int64_t>(i));
            EXPECT_EQ(positions[i].time, at(1'000));
        }
    }
}

TYPED_TEST_P(MessageLogContract, ReadsWhatItAcknowledgedInOrder) {
    this->publish(this->records(0, 25));
    const auto messages = this->read(0, 5, 10);
    ASSERT_EQ(messages.size(), 10U);
    for (std::size_t i = 0; i < messages.size(); ++i) {
        EXPECT_EQ(messages[i].position.offset, static_cast<std::int64_t>(5 + i));
        EXPECT_EQ(messages[i].value, "value-" + std::to_string(5 + i));
    }
    EXPECT_EQ(this->read(0, 20).size(), 5U);
    EXPECT_TRUE(this->read(0, 25).empty());
}

TYPED_TEST_P(MessageLogContract, PutsAKeyWhereKafkaPutsIt) {
    std::vector<Record> given;
    for (int i = 0; i < 60; ++i) {
        given.push_back(
            {.topic = this->topic(), .partition = {}, .key = "key-" + std::to_string(i % 30), .value = "v"});
    }
    const auto positions = this->publish(given);
    ASSERT_EQ(positions.size(), 60U);
    std::set<std::int32_t> used;
    for (std::size_t i = 0; i < positions.size(); ++i) {
        EXPECT_EQ(positions[i].source.partition, partition_of(*given[i].key, 3));
        used.insert(positions[i].source.partition);
    }
    EXPECT_EQ(used.size(), 3U);
}

TYPED_TEST_P(MessageLogContract, TakesMessagesWithoutAKey) {
    std::vector<Record> given(20, Record{.topic = this->topic(), .partition = {}, .key = {}, .value = "v"});
    EXPECT_EQ(this->publish(given).size(), 20U);
}

TYPED_TEST_P(MessageLogContract, KeepsAnyBytesAsTheyWere) {
    std::string binary;
    for (int i = 0; i < 512; ++i) binary += static_cast<char>(i);
    std::vector<Header> many;
    for (int i = 0; i < 10'000; ++i)
        many.push_back({"name-" + std::to_string(i % 7), "\xff\x00 value" + std::to_string(i)});
    std::vector<Record> given{
        {.topic = this->topic(), .partition = 2, .key = {}, .value = {}},
        {.topic = this->topic(), .partition = 2, .key = "", .value = ""},
        {.topic = this->topic(), .partition = 2, .key = {}, .value = "", .headers = {{"", ""}}},
        {.topic = this->topic(),
         .partition = 2,
         .key = binary,
         .value = binary,
         .headers = {{binary.substr(1, 99), binary}}},
        {.topic = this->topic(), .partition = 2, .key = "k", .value = "v", .headers = many},
        {.topic = this->topic(),
         .partition = 2,
         .key = "k",
         .value = std::string(1'000'000, '\xee'),
         .time = at(INT32_MAX)},
    };
    ASSERT_EQ(this->publish(given).size(), given.size());
    const auto messages = this->read(2, 0);
    ASSERT_EQ(messages.size(), given.size());
    for (std::size_t i = 0; i < given.size(); ++i) {
        EXPECT_EQ(messages[i].key, given[i].key) << i;
        EXPECT_TRUE(messages[i].value == given[i].value) << i;
        EXPECT_EQ(messages[i].headers, given[i].headers) << i;
        EXPECT_EQ(messages[i].position.time, given[i].time) << i;
    }
}

TYPED_TEST_P(MessageLogContract, RefusesSingleRecordsWithoutStoppingTheOthers) {
    auto results = this->loop_.run(this->log().publish({
        this->record(0, "first"),
        {.topic = this->topic("nowhere"), .partition = {}, .key = "k", .value = "v"},
        this->record(3, "beyond"),
        this->record(-1, "before"),
        this->record(0, "second"),
    }));
    ASSERT_TRUE(results);
    ASSERT_EQ(results->size(), 5U);
    EXPECT_EQ((*results)[0].value().offset, 0);
    EXPECT_EQ((*results)[1].error().code, Errc::not_found);
    EXPECT_NE((*results)[1].error().detail.find("productd topics create"), std::string::npos);
    EXPECT_EQ((*results)[2].error().code, Errc::invalid_argument);
    EXPECT_EQ((*results)[3].error().code, Errc::invalid_argument);
    EXPECT_EQ((*results)[4].value().offset, 1);
}

TYPED_TEST_P(MessageLogContract, AcknowledgesEveryOneOfManyConcurrentPublishersOnce) {
    constexpr int publishers = 64;
    constexpr int each = 20;
    std::mutex mutex;
    std::set<std::pair<std::int32_t, std::int64_t>> acknowledged;
    const auto publisher = [&](int number) -> asio::awaitable<void> {
        for (int i = 0; i < each; ++i) {
            std::vector<Record> one;
            one.push_back({.topic = this->topic(), .key = "key-" + std::to_string(number), .value = std::to_string(i)});
            auto results = co_await this->log().publish(std::move(one));
            const std::scoped_lock lock(mutex);
            if (results && results->front()) {
                acknowledged.insert({results->front()->source.partition, results->front()->offset});
            }
        }
    };
    asio::thread_pool threads(2);
    for (int i = 0; i < publishers; ++i) {
        asio::co_spawn(asio::make_strand(threads), publisher(i), [](std::exception_ptr error) { EXPECT_FALSE(error); });
    }
    threads.join();
    ASSERT_EQ(acknowledged.size(), std::size_t{publishers * each});

    std::map<std::string, int> next;  // By key: its values come in the order it published them.
    std::size_t found = 0;
    for (std::int32_t partition = 0; partition < 3; ++partition) {
        for (const auto& message : this->read(partition, 0, 10'000)) {
            EXPECT_TRUE(acknowledged.contains({partition, message.position.offset}));
            EXPECT_EQ(message.value, std::to_string(next[*message.key]++));
            ++found;
        }
    }
    EXPECT_EQ(found, acknowledged.size());
}

TYPED_TEST_P(MessageLogContract, AssignsAllPartitionsFirst) {
    auto subscription = this->subscribe();
    const auto assigned = this->assigned(*subscription);
    ASSERT_EQ(assigned.partitions.size(), 3U);
    for (const auto& partition : assigned.partitions) EXPECT_FALSE(partition.commit);
}

TYPED_TEST_P(MessageLogContract, DeliversEveryPartitionInOrderAndNoneTwice) {
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

TYPED_TEST_P(MessageLogContract, LetsNoPartitionStarveAnother) {
    this->publish(this->records(0, 50));
    this->publish(this->records(1, 50));
    auto subscription = this->subscribe();
    this->assigned(*subscription);
    const auto first = this->delivered(*subscription, 5).source.partition;
    EXPECT_NE(this->delivered(*subscription, 5).source.partition, first);
}

TYPED_TEST_P(MessageLogContract, WakesAWaitingSubscriberWhenSomethingIsPublished) {
    auto subscription = this->subscribe();
    this->assigned(*subscription);
    auto waiting = this->loop_.start(subscription->next(10));
    this->loop_.settle();
    EXPECT_FALSE(waiting.ended());
    this->publish(this->records(1, 1));
    auto event = waiting.result();
    ASSERT_TRUE(event);
    EXPECT_EQ(std::get<Records>(*event).messages.front().value, "value-0");
}

TYPED_TEST_P(MessageLogContract, RedeliversEverythingAboveTheCommitAfterAKill) {
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

TYPED_TEST_P(MessageLogContract, DeliversEverythingAgainWhenNothingWasCommitted) {
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

TYPED_TEST_P(MessageLogContract, GivesBackTheMetadataOfACommit) {
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

TYPED_TEST_P(MessageLogContract, RefusesMetadataThatIsTooLongOrNotAscii) {
    auto subscription = this->subscribe();
    this->assigned(*subscription);
    for (const std::string& metadata : {std::string(4'097, 'x'), std::string("\xc3\xa9")}) {
        auto refused = this->loop_.run(subscription->commit(this->source(0), {0, metadata}));
        ASSERT_FALSE(refused);
        EXPECT_EQ(refused.error().code, Errc::invalid_argument);
    }
}

TYPED_TEST_P(MessageLogContract, DeliversNothingOfAHeldPartitionAndLosesNothing) {
    this->publish(this->records(0, 10));
    auto subscription = this->subscribe();
    this->assigned(*subscription);
    this->delivered(*subscription, 4);
    subscription->hold(this->source(0));
    this->publish(this->records(1, 1));
    EXPECT_EQ(this->delivered(*subscription).source, this->source(1));
    auto waiting = this->loop_.start(subscription->next(10));
    this->publish(this->records(0, 1));
    this->loop_.settle();
    EXPECT_FALSE(waiting.ended());
    subscription->resume(this->source(0));
    auto event = waiting.result();
    ASSERT_TRUE(event);
    EXPECT_EQ(std::get<Records>(*event).source, this->source(0));
    EXPECT_EQ(std::get<Records>(*event).messages.front().position.offset, 4);
}

TYPED_TEST_P(MessageLogContract, EndsAWaitingNextWhenItIsClosedAndStillCommits) {
    this->publish(this->records(0, 1));
    auto subscription = this->subscribe();
    this->assigned(*subscription);
    this->delivered(*subscription);
    auto waiting = this->loop_.start(subscription->next(10));
    this->loop_.settle();
    subscription->close();
    auto ended = waiting.result();
    ASSERT_FALSE(ended);
    EXPECT_EQ(ended.error().code, Errc::cancelled);
    auto again = this->loop_.run(subscription->next(10));
    ASSERT_FALSE(again);
    EXPECT_EQ(again.error().code, Errc::cancelled);
    EXPECT_TRUE(this->loop_.run(subscription->commit(this->source(0), {1, ""})));
}

TYPED_TEST_P(MessageLogContract, LetsEveryGroupReadAtItsOwnPace) {
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

TYPED_TEST_P(MessageLogContract, SaysThatASubscribedTopicIsMissing) {
    auto subscription =
        this->log().subscribe(this->harness_.group("group"), {this->topic("nowhere")}, this->loop_.executor());
    auto event = this->loop_.run(subscription->next(10));
    ASSERT_FALSE(event);
    EXPECT_EQ(event.error().code, Errc::not_found);
}

TYPED_TEST_P(MessageLogContract, TrimsWhatIsBelowAndNothingElse) {
    this->publish(this->records(0, 10));
    this->publish(this->records(1, 10));
    ASSERT_TRUE(this->loop_.run(this->log().trim(this->source(0), 7)));
    auto described = this->loop_.run(this->log().describe());
    ASSERT_TRUE(described);
    EXPECT_EQ(described->front().partitions[0].begin, 7);
    EXPECT_EQ(described->front().partitions[0].end, 10);
    EXPECT_EQ(described->front().partitions[1].begin, 0);
    EXPECT_EQ(this->read(0, 7).size(), 3U);
    auto gone = this->loop_.run(this->log().read(this->source(0), 6, 10));
    ASSERT_FALSE(gone);
    EXPECT_EQ(gone.error().code, Errc::out_of_range);
}

TYPED_TEST_P(MessageLogContract, NeverUsesAnOffsetTwice) {
    this->publish(this->records(0, 10));
    ASSERT_TRUE(this->loop_.run(this->log().trim(this->source(0), 10)));
    this->harness_.reopen();
    EXPECT_EQ(this->publish(this->records(0, 1)).front().offset, 10);
}

TYPED_TEST_P(MessageLogContract, StartsAtTheBeginWhenTheCommitWasTrimmedAway) {
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

TYPED_TEST_P(MessageLogContract, IsReadyForWrites) { EXPECT_TRUE(this->loop_.run(this->log().check())); }

REGISTER_TYPED_TEST_SUITE_P(MessageLogContract, MakesOnlyTheTopicsThatAreMissing,
                            GivesDenseAscendingPositionsInThePartition, ReadsWhatItAcknowledgedInOrder,
                            PutsAKeyWhereKafkaPutsIt, TakesMessagesWithoutAKey, KeepsAnyBytesAsTheyWere,
                            RefusesSingleRecordsWithoutStoppingTheOthers,
                            AcknowledgesEveryOneOfManyConcurrentPublishersOnce, AssignsAllPartitionsFirst,
                            DeliversEveryPartitionInOrderAndNoneTwice, LetsNoPartitionStarveAnother,
                            WakesAWaitingSubscriberWhenSomethingIsPublished,
                            RedeliversEverythingAboveTheCommitAfterAKill,
                            DeliversEverythingAgainWhenNothingWasCommitted, GivesBackTheMetadataOfACommit,
                            RefusesMetadataThatIsTooLongOrNotAscii, DeliversNothingOfAHeldPartitionAndLosesNothing,
                            EndsAWaitingNextWhenItIsClosedAndStillCommits, LetsEveryGroupReadAtItsOwnPace,
                            SaysThatASubscribedTopicIsMissing, TrimsWhatIsBelowAndNothingElse, NeverUsesAnOffsetTwice,
                            StartsAtTheBeginWhenTheCommitWasTrimmedAway, IsReadyForWrites);

}  // namespace productd::contract
