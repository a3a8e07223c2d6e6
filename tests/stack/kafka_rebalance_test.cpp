// How a member keeps its partitions, and lets go of them, in a group of three real brokers.
#include <gtest/gtest.h>

#include <functional>
#include <map>
#include <set>

#include "fakes/test_loop.hpp"
#include "outbound/kafka/kafka_admin.hpp"
#include "stack/kafka_server.hpp"

namespace productd::test {
namespace {

constexpr std::chrono::milliseconds session{3'000};

Task<> after(std::chrono::milliseconds time) {
    co_await sleep_until(std::chrono::steady_clock::now() + time);
    co_return Result<>{};
}

class KafkaRebalanceTest : public ::testing::Test {
protected:
    KafkaRebalanceTest() {
        settings_.session_timeout = session;
        make_topic(settings_, topic_);
    }

    std::unique_ptr<KafkaMessageLog> open() const { return std::move(KafkaMessageLog::open(settings_)).value(); }
    std::unique_ptr<Subscription> join(KafkaMessageLog& log) {
        return log.subscribe(group_, {topic_}, loop_.executor());
    }
    void pass(std::chrono::milliseconds time) { static_cast<void>(loop_.run(after(time))); }
    /// What comes next is a T: nothing else is to come before it.
    template <class T>
    T await(Subscription& subscription) {
        auto event = loop_.run(subscription.next({10}));
        if (!event) throw std::runtime_error(event.error().detail);
        return std::get<T>(std::move(*event));
    }

    std::string group_ = own_prefix() + "group";
    std::string topic_ = own_prefix() + "things";
    KafkaLogSettings settings_ = kafka_settings();
    TestLoop loop_;
};

// As while the store is down: nothing is taken for longer than a member may be silent, and the group stays as it is.
TEST_F(KafkaRebalanceTest, AMemberKeepsItsPartitionsWhileNothingIsTaken) {
    settings_.poll_interval_max = settings_.session_timeout;
    const auto log = open();
    const auto subscription = join(*log);
    const auto assigned = await<Assigned>(*subscription);
    pass(3 * settings_.poll_interval_max);
    std::vector<Record> records(1);
    records[0] = {.topic = topic_, .partition = 1, .key = "key", .value = "value"};
    ASSERT_TRUE(loop_.run(log->publish(std::move(records))).value().front());
    EXPECT_EQ(await<Records>(*subscription).source, (TopicPartition{topic_, 1}));
    for (const auto& partition : assigned.partitions) {
        EXPECT_TRUE(loop_.run(subscription->commit(partition.source, {0, "as of the first assignment"})));
    }
}

// As updates need it, which wait for their creates at the same member.
TEST_F(KafkaRebalanceTest, ThePartitionsOfOneNumberAreTheSameMembersInEveryTopic) {
    const std::vector<std::string> topics{topic_, topic_ + "-too"};
    make_topic(settings_, topics[1]);
    const auto log = open();
    const auto first = log->subscribe(group_, topics, loop_.executor());
    EXPECT_EQ(await<Assigned>(*first).partitions.size(), 6U);
    const auto second = log->subscribe(group_, topics, loop_.executor());
    first->released(await<Revoked>(*first).partitions);
    for (const auto& member : {std::cref(first), std::cref(second)}) {
        std::map<std::string, std::set<std::int32_t>> numbers;
        for (const auto& partition : await<Assigned>(*member.get()).partitions) {
            numbers[partition.source.topic].insert(partition.source.partition);
        }
        EXPECT_FALSE(numbers[topics[0]].empty());
        EXPECT_EQ(numbers[topics[0]], numbers[topics[1]]);
    }
}

// A subscriber that lets go of one revocation while the next one waits for its answer already.
TEST_F(KafkaRebalanceTest, ALateReleaseIsNotTakenForThatOfTheNextRevocation) {
    settings_.release_limit = std::chrono::milliseconds{6'000};
    const auto log = open();
    const auto slow = join(*log);
    const auto all = await<Assigned>(*slow);
    auto other = join(*log);
    const auto first = await<Revoked>(*slow);
    await<Assigned>(*other);  // The group has gone on without the answer.
    other.reset();
    pass(std::chrono::milliseconds{1'000});
    slow->released(first.partitions);
    const auto some = await<Assigned>(*slow);
    EXPECT_LT(some.partitions.size(), all.partitions.size());
    await<Revoked>(*slow);
    pass(std::chrono::milliseconds{500});
    const auto committed = loop_.run(slow->commit(some.partitions.front().source, {0, "drained"}));
    EXPECT_TRUE(committed) << committed.error().detail << committed.error().cause;
}

}  // namespace
}  // namespace productd::test
