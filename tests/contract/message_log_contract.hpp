// What every MessageLog must do with what is published, whatever stands behind it. An adapter's test names a harness
// and instantiates the suite: INSTANTIATE_TYPED_TEST_SUITE_P(Sqlite, MessageLogContract, SqliteLogHarness).
#pragma once

#include <algorithm>
#include <boost/asio/strand.hpp>
#include <boost/asio/thread_pool.hpp>
#include <map>
#include <mutex>
#include <set>

#include "codec/murmur2.hpp"
#include "contract/message_log_fixture.hpp"

namespace productd::contract {

template <class Harness>
class MessageLogContract : public MessageLogFixture<Harness> {};

TYPED_TEST_SUITE_P(MessageLogContract);

TYPED_TEST_P(MessageLogContract, MakesOnlyTheTopicsThatAreMissing) {
    auto made = this->loop_.run(this->log().create({{this->topic(), 3}, {this->topic("more"), 2}}));
    ASSERT_TRUE(made);
    EXPECT_EQ(*made, std::vector{this->topic("more")});
    auto described = this->loop_.run(this->log().describe({this->topic(), this->topic("more")}));
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
    given.reserve(60);
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
    Headers many;
    for (int i = 0; i < 10'000; ++i)
        many.push_back({"name-" + std::to_string(i % 7), std::string("\xff\0 value", 8) + std::to_string(i)});
    std::vector<Record> given{
        {.topic = this->topic(), .partition = 2, .key = {}, .value = {}},
        {.topic = this->topic(), .partition = 2, .key = "", .value = ""},
        {.topic = this->topic(), .partition = 2, .key = {}, .value = "", .headers = {{"", ""}}},
        {.topic = this->topic(),
         .partition = 2,
         .key = binary,
         .value = binary,
         .headers = {{std::string_view(binary).substr(1, 99), binary}}},
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
    // Its captures outlive it: the threads are joined here.
    // NOLINTNEXTLINE(cppcoreguidelines-avoid-capturing-lambda-coroutines)
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

TYPED_TEST_P(MessageLogContract, TrimsWhatIsBelowAndNothingElse) {
    if (!this->can_trim) GTEST_SKIP() << "this server drops no messages";
    this->publish(this->records(0, 10));
    this->publish(this->records(1, 10));
    ASSERT_TRUE(this->loop_.run(this->log().trim(this->source(0), 7)));
    auto described = this->loop_.run(this->log().describe({this->topic()}));
    ASSERT_TRUE(described);
    const auto things = std::ranges::find(*described, this->topic(), &TopicInfo::topic);
    ASSERT_NE(things, described->end());
    EXPECT_EQ(things->partitions[0].begin, 7);
    EXPECT_EQ(things->partitions[0].end, 10);
    EXPECT_EQ(things->partitions[1].begin, 0);
    EXPECT_EQ(this->read(0, 7).size(), 3U);
    auto gone = this->loop_.run(this->log().read(this->source(0), 6, 10));
    ASSERT_FALSE(gone);
    EXPECT_EQ(gone.error().code, Errc::out_of_range);
}

TYPED_TEST_P(MessageLogContract, NeverUsesAnOffsetTwice) {
    if (!this->can_trim) GTEST_SKIP() << "this server drops no messages";
    this->publish(this->records(0, 10));
    ASSERT_TRUE(this->loop_.run(this->log().trim(this->source(0), 10)));
    this->harness_.reopen();
    EXPECT_EQ(this->publish(this->records(0, 1)).front().offset, 10);
}

TYPED_TEST_P(MessageLogContract, IsReadyForWrites) { EXPECT_TRUE(this->loop_.run(this->log().check())); }

REGISTER_TYPED_TEST_SUITE_P(MessageLogContract, MakesOnlyTheTopicsThatAreMissing,
                            GivesDenseAscendingPositionsInThePartition, ReadsWhatItAcknowledgedInOrder,
                            PutsAKeyWhereKafkaPutsIt, TakesMessagesWithoutAKey, KeepsAnyBytesAsTheyWere,
                            RefusesSingleRecordsWithoutStoppingTheOthers,
                            AcknowledgesEveryOneOfManyConcurrentPublishersOnce, TrimsWhatIsBelowAndNothingElse,
                            NeverUsesAnOffsetTwice, IsReadyForWrites);

}  // namespace productd::contract
