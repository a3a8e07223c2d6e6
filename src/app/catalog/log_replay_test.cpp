// A store made anew from the log: in the order of time, and no further than the log goes.
#include "app/catalog/log_replay.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "fakes/fake_message_log.hpp"
#include "fakes/fake_ports.hpp"
#include "fakes/test_loop.hpp"

namespace productd {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::Pair;

ProductId id_of(int n) { return ProductId::parse("5f00000000000000000000" + std::to_string(10 + n)).value(); }

class LogReplayTest : public testing::Test {
protected:
    LogReplayTest() {
        log_.on_describe = [this]() -> Result<std::vector<TopicInfo>> {
            std::map<std::string, TopicInfo> topics;
            for (const auto& [source, messages] : log_.partitions) {
                auto& topic = topics[source.topic];
                topic.topic = source.topic;
                const auto begin = begins_.contains(source) ? begins_.at(source) : 0;
                topic.partitions.push_back({source.partition, begin, static_cast<std::int64_t>(messages.size())});
            }
            std::vector<TopicInfo> all;
            for (auto& [name, topic] : topics) all.push_back(std::move(topic));
            return all;
        };
    }

    void append(const std::string& topic, int n, int seconds, double price, std::int32_t partition = 0) {
        append_text(topic, seconds,
                    R"({"productId":")" + id_of(n).hex() +
                        R"(","name":"Chair","description":"Wooden","quantity":1,"rating":5,"price":)" +
                        std::to_string(price) + "}",
                    partition);
    }
    void append_text(const std::string& topic, int seconds, const std::string& text, std::int32_t partition = 0) {
        Record record{.topic = topic, .partition = partition, .key = {}, .value = text};
        record.time = Timestamp(std::chrono::milliseconds(1'600'000'000'000)) + std::chrono::seconds(seconds);
        log_.append(std::move(record));
    }

    LogReplayCounts replay() {
        LogReplay replay(log_, applier_, clock_, names_, [](const LogReplayCounts&) {});
        return loop_.run(replay.run()).value();
    }
    double price_of(int n) { return std::get<StoredProduct>(store_.stored.at(id_of(n))).product.price; }

    TestLoop loop_;
    TopicNames names_;
    std::map<TopicPartition, std::int64_t> begins_;
    test::FakeMessageLog log_;
    test::FakeProductStore store_;
    test::FakeProductCache cache_;
    test::FakeClock clock_;
    ChangeApplier applier_{store_, cache_, 1 << 20};
};

TEST_F(LogReplayTest, TopicsAndPartitionsAreAppliedInTheOrderOfTime) {
    for (int n = 0; n < 3; ++n) append(names_.create, n, n * 10, 1, n);
    for (int n = 0; n < 3; ++n) append(names_.update, n, n * 10 + 1, 2, n);
    append(names_.update, 0, 40, 3);
    append(names_.remove, 1, 50, 0);
    append(names_.create, 1, 60, 9, 1);
    append(names_.remove, 2, 70, 0);
    const auto counts = replay();
    EXPECT_EQ(counts.read, 10U);
    EXPECT_EQ(counts.total, 10U);
    EXPECT_EQ(counts.applied, 10U);
    EXPECT_THAT(counts.cut, IsEmpty());
    EXPECT_EQ(price_of(0), 3);
    EXPECT_EQ(price_of(1), 9) << "made again after its deletion";
    EXPECT_TRUE(std::holds_alternative<Tombstone>(store_.stored.at(id_of(2))));
}

TEST_F(LogReplayTest, WhatTheStoreHasAlreadyStaysAsItIs) {
    append(names_.create, 0, 0, 1);
    append(names_.update, 0, 1, 2);
    replay();
    const auto before = store_.stored;
    append(names_.update, 0, 2, 3);
    const auto counts = replay();
    EXPECT_EQ(counts.known, 2U);
    EXPECT_EQ(counts.applied, 1U);
    EXPECT_EQ(price_of(0), 3);
    EXPECT_EQ(version(store_.stored.at(id_of(0)))->value, version(before.at(id_of(0)))->value + 1);
}

TEST_F(LogReplayTest, ChangesDatedBeforeTheirCreateWaitForItInOrder) {
    append(names_.update, 0, 10, 2);
    append(names_.update, 0, 11, 3);
    append(names_.create, 0, 20, 1);
    append(names_.update, 1, 12, 4);
    append(names_.create, 1, 20, 1, 1);
    for (int n = 0; n < 2'000; ++n) append(names_.create, 2, 30 + n, 1);  // Some batches further.
    append(names_.update, 1, 5'000, 5);
    const auto counts = replay();
    EXPECT_EQ(counts.without_product, 0U);
    EXPECT_EQ(price_of(0), 3);
    EXPECT_EQ(price_of(1), 5);
}

TEST_F(LogReplayTest, TellsWhatTheLogNoLongerHasAndGoesOn) {
    append(names_.create, 0, 0, 1);
    append(names_.create, 1, 1, 1);
    append(names_.update, 0, 2, 2);
    append(names_.update, 1, 3, 2);
    begins_[{names_.create, 0}] = 1;
    const auto counts = replay();
    EXPECT_THAT(counts.cut, ElementsAre(Pair(TopicPartition{names_.create, 0}, 1)));
    EXPECT_EQ(counts.total, 3U);
    EXPECT_EQ(counts.without_product, 1U);
    EXPECT_FALSE(store_.stored.contains(id_of(0)));
    EXPECT_EQ(price_of(1), 2);
}

TEST_F(LogReplayTest, WhatCanNeverBeAppliedMakesWayForWhatComesBehindIt) {
    append_text(names_.create, 0, "no JSON");
    append(names_.create, 0, 1, 1);
    append(names_.create, 0, 2, 7);  // Another product of the same id.
    append(names_.create, 1, 3, 1);
    const auto counts = replay();
    EXPECT_EQ(counts.read, 4U);
    EXPECT_EQ(counts.condemned, 2U);
    EXPECT_EQ(counts.applied, 2U);
    EXPECT_EQ(price_of(0), 1);
}

TEST_F(LogReplayTest, AStoreThatFailsEndsIt) {
    append(names_.create, 0, 0, 1);
    store_.unreadable[id_of(0)] = unavailable("The disk is gone.");
    LogReplay replay(log_, applier_, clock_, names_, [](const LogReplayCounts&) {});
    const auto ended = loop_.run(replay.run());
    ASSERT_FALSE(ended);
    EXPECT_EQ(ended.error().detail, "The disk is gone.");
}

}  // namespace
}  // namespace productd
