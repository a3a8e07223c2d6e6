// What the suites of the MessageLog port stand on.
//
// A harness is default-constructible and gives `MessageLog& log()`, empty at first, and `void reopen()`, which ends
// that log as a kill would (nothing is committed on the way) and opens another on the same data. `topic(name)` and
// `group(name)` are names of this test alone. A harness whose server cannot drop messages says so by a static
// `constexpr bool cannot_trim = true`.
#pragma once

#include <gtest/gtest.h>

#include <map>
#include <string>
#include <vector>

#include "app/ports/message_log.hpp"
#include "fakes/test_loop.hpp"

namespace productd::contract {

inline Timestamp at(std::int64_t milliseconds) { return Timestamp(std::chrono::milliseconds(milliseconds)); }

template <class Harness>
class MessageLogFixture : public ::testing::Test {
protected:
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

    Record record(std::int32_t partition, const std::string& value) {
        return {.topic = topic(), .partition = partition, .key = "key", .value = value, .time = at(1'000)};
    }
    std::vector<Record> records(std::int32_t partition, int count) {
        std::vector<Record> made;
        made.reserve(static_cast<std::size_t>(count));
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
        auto event = loop_.run(subscription.next({10}));
        EXPECT_TRUE(event) << event.error().detail;
        return event ? std::get<Assigned>(*event) : Assigned();
    }
    Records delivered(Subscription& subscription, FetchRoom room = {1'000}) {
        auto event = loop_.run(subscription.next(room));
        EXPECT_TRUE(event) << event.error().detail;
        return event ? std::get<Records>(*event) : Records();
    }
    /// Takes exactly `count` messages, in as many deliveries as the log makes of them.
    void take(Subscription& subscription, std::size_t count) {
        for (std::size_t taken = 0; taken < count;) {
            const auto messages = delivered(subscription, {count - taken}).messages.size();
            if (messages == 0) break;
            taken += messages;
        }
    }
    /// Offsets delivered, by partition, until there are `count`.
    std::map<std::int32_t, std::vector<std::int64_t>> offsets(Subscription& subscription, std::size_t count,
                                                              std::size_t max = 1'000) {
        std::map<std::int32_t, std::vector<std::int64_t>> found;
        for (std::size_t seen = 0; seen < count;) {
            const auto batch = delivered(subscription, {max});
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

    static constexpr bool can_trim = !requires { Harness::cannot_trim; };
    TestLoop loop_;
    Harness harness_;
};

}  // namespace productd::contract
