// What one product, one message or a hanging store may do to the others: nothing.
#include "app/worker/message_worker_fixture.hpp"

namespace productd {
namespace {

using namespace test;

class MessageWorkerIsolationTest : public MessageWorkerFixture {};

TEST_F(MessageWorkerIsolationTest, AProductTheStoreHangsOnDelaysOnlyItself) {
    settings.call_timeout = std::chrono::milliseconds{30};
    block(id_of(7));
    for (std::uint32_t n = 0; n < 1'000; ++n) publish(create_of(id_of(n), 0));
    for (std::uint32_t n = 0; n < 1'000; ++n) publish(update_of(id_of(n), 0));
    work_until([&] {
        if (ended(Ending::applied) == 1'998) release();
        return ended(Ending::applied) == 2'000;
    });
    EXPECT_EQ(store.product(id_of(7))->version, Version{2});
    EXPECT_TRUE(dead_letters().empty());
}

TEST_F(MessageWorkerIsolationTest, AHotProductThatHangsDoesNotStopTheOthers) {
    settings.call_timeout = std::chrono::milliseconds{30};
    block(id_of(0));
    publish(create_of(id_of(0), 0));
    for (std::uint32_t n = 1; n <= 1'000; ++n) {
        publish(create_of(id_of(n), 0));
        publish(update_of(id_of(0), 0, "name-" + std::to_string(n)));
    }
    work_until([&] {
        if (ended(Ending::applied) == 1'000) release();
        return ended(Ending::applied) == 2'001;
    });
    EXPECT_EQ(store.product(id_of(0))->name, "name-1000");
    EXPECT_EQ(store.product(id_of(0))->version, Version{1'001});
}

TEST_F(MessageWorkerIsolationTest, OneChangeThatFailsEveryCallItIsInIsFoundByHalving) {
    settings.item_retry_limit = std::chrono::milliseconds{0};
    settings.item_attempts_max = 3;
    store.on_write = [&](const std::vector<ProductId>& ids) -> Task<> {
        if (std::ranges::find(ids, id_of(500)) != ids.end()) co_return fail(Errc::internal, "no");
        co_return Result<>{};
    };
    for (std::uint32_t n = 0; n < 1'000; ++n) publish(create_of(id_of(n), 0));
    std::uint32_t more = 1'000;
    work_until([&] {
        // Only failures between which others succeed count.
        if (ended(Ending::applied) >= 999 && finished() < 1'000 + static_cast<int>(more) - 1'000 + 1)
            publish(create_of(id_of(more++), 0));
        return ended(Ending::dead_lettered) == 1;
    });
    EXPECT_GE(ended(Ending::applied), 999);
    ASSERT_EQ(dead_letters().size(), 1U);
    EXPECT_NE(dead_letters()[0].value->find(id_of(500).hex()), std::string::npos);
    EXPECT_NE(dead_letters()[0].value->find(R"("code":"retry_exhausted")"), std::string::npos);
}

TEST_F(MessageWorkerIsolationTest, HalvingTakesAHandfulOfCalls) {
    store.on_write = [&](const std::vector<ProductId>& ids) -> Task<> {
        if (std::ranges::find(ids, id_of(500)) != ids.end()) co_return fail(Errc::internal, "no");
        co_return Result<>{};
    };
    settings.breaker.failures_max = 1'000;
    for (std::uint32_t n = 0; n < 1'000; ++n) publish(create_of(id_of(n), 0));
    work_until([&] { return ended(Ending::applied) == 999; });
    EXPECT_LE(store.writes, 60) << "two for each of ten halvings, and the tries of the one alone";
}

TEST_F(MessageWorkerIsolationTest, AProductThatFailsAloneKeepsNobodyElseFromTheStore) {
    settings.breaker.failures_max = 2;
    store.on_write = [&](const std::vector<ProductId>& ids) -> Task<> {
        if (std::ranges::find(ids, id_of(1)) != ids.end()) co_return fail(Errc::internal, "no");
        co_return Result<>{};
    };
    publish(create_of(id_of(1), 0));
    for (int n = 0; n < 20; ++n) publish(update_of(id_of(1), 0));
    bool more = true;
    work_until([&] {
        if (store.writes > 4 && std::exchange(more, false)) publish(create_of(id_of(2), 0));
        return ended(Ending::applied) == 1;
    });
    EXPECT_TRUE(store.product(id_of(2)));
    EXPECT_TRUE(dead_letters().empty());
}

TEST_F(MessageWorkerIsolationTest, WhatWaitsBehindAFailingChangeIsNoLagForTheOthers) {
    store.on_item = [&](const ProductWrite& write) -> Result<> {
        const auto* product = std::get_if<StoredProduct>(&write.next);
        if (product && product->product.id == id_of(1)) return fail(Errc::internal, "no");
        return {};
    };
    publish(create_of(id_of(1), 0));
    work_until([&] { return store.writes > 2; });
    publish(update_of(id_of(1), 0));
    for (int n = 0; n < 5; ++n) publish(create_of(id_of(1), 0));
    publish(create_of(id_of(2), 0));
    work_until([&] {
        if (ended(Ending::applied) < 1 || observer.received_messages < 9) return false;
        return worker->lag() == std::chrono::milliseconds{0} &&
               worker->oldest_unfinished_age() > std::chrono::milliseconds{0};
    });
}

TEST_F(MessageWorkerIsolationTest, AStoreThatHangsDoesNotHoldUpTheStop) {
    settings.call_timeout = std::chrono::hours{1};
    settings.drain_limit = std::chrono::milliseconds{20};
    block(id_of(1));
    publish(create_of(id_of(1), 0));
    work_until([&] { return store.writes == 1; });
    EXPECT_FALSE(log.committed.contains({names.create, 0}) && log.committed.at({names.create, 0}).offset > 0);
}

TEST_F(MessageWorkerIsolationTest, GivesPartitionsAwayWhileTheStoreHangsAndAppliesEverythingOnce) {
    settings.call_timeout = std::chrono::hours{1};
    settings.drain_limit = std::chrono::milliseconds{20};
    settings.batch_max = 10;
    block(id_of(3));
    for (std::uint32_t n = 0; n < 100; ++n) publish(create_of(id_of(n), 0));
    for (std::uint32_t n = 0; n < 100; ++n) publish(update_of(id_of(n), 0));
    int rebalances = 0;
    work_until([&] {
        if (rebalances < 3 && ended(Ending::applied) > rebalances * 20) {
            ++rebalances;
            log.rebalance();
        } else if (rebalances == 3) {
            release();
        }
        return store.stored.size() == 100 && log.committed[{names.update, 0}].offset == 100;
    });
    for (std::uint32_t n = 0; n < 100; ++n) EXPECT_EQ(store.product(id_of(n))->version, Version{2}) << n;
    EXPECT_EQ(log.committed.at({names.create, 0}).offset, 100);
    EXPECT_TRUE(dead_letters().empty());
}

TEST_F(MessageWorkerIsolationTest, APartitionGoesOnBehindAMessageThatHangsAndARestartRepeatsOnlyThatOne) {
    settings.call_timeout = std::chrono::milliseconds{20};
    settings.drain_limit = std::chrono::milliseconds{1};
    block(id_of(0));
    publish(create_of(id_of(0), 0));
    constexpr int others = 40'000;  // More than a commit's metadata has bits for.
    for (std::uint32_t n = 1; n <= others; ++n) publish(create_of(id_of(n), 0));
    work_until([&] { return ended(Ending::applied) == others; });
    EXPECT_EQ(log.committed.at({names.create, 0}).offset, 0);

    release();
    observer.endings.clear();
    work_until([&] { return log.committed.at({names.create, 0}).offset == others + 1; });
    EXPECT_EQ(finished(), 1);
    EXPECT_TRUE(log.held.empty());
}

TEST_F(MessageWorkerIsolationTest, LetsTheOldestParkedMessagesGoEarlyWhenThereAreTooManyAndCountsThem) {
    settings.parked_max = 10;
    settings.not_found_wait = std::chrono::hours{1};
    for (std::uint32_t n = 0; n < 50; ++n) publish(update_of(id_of(n), 0));
    clock.time += std::chrono::seconds(1);
    work_until([&] { return ended(Ending::dead_lettered) == 40; });
    EXPECT_EQ(observer.parked_early, 40U);
}

TEST_F(MessageWorkerIsolationTest, WhatIsParkedDoesNotGoEarlyWhileItsCreateIsBeingWritten) {
    settings.parked_max = 10;
    settings.parallelism = 20;
    settings.batch_max = 1;
    settings.not_found_wait = std::chrono::hours{1};
    for (std::uint32_t n = 0; n < 10; ++n) publish(update_of(id_of(n), 0));
    clock.time += std::chrono::seconds(1);
    store.before_write = [&]() -> asio::awaitable<void> {
        while (blocked) co_await sleep_until(std::chrono::steady_clock::now() + std::chrono::milliseconds(1));
    };
    std::size_t published = 0;
    work_until([&] {
        if (published == 0 && store.finds >= 10) {
            for (std::uint32_t n = 0; n < 10; ++n) publish(create_of(id_of(n), 0));
            published = 1;
        } else if (published == 1 && store.writes == 10) {
            publish(update_of(id_of(99), 0));  // One too many.
            published = 2;
        } else if (published == 2 && store.finds >= 11) {
            release();
        }
        return ended(Ending::applied) == 20;
    });
    for (const auto& letter : dead_letters()) {
        EXPECT_NE(letter.value->find(id_of(99).hex()), std::string::npos) << "nothing but that one is not at work";
    }
}

// What was seen of the create topic last says nothing while no broker leads it.
TEST_F(MessageWorkerIsolationTest, NoUpdateIsGivenUpUntilTheLogSaysWhereTheCreatesEndAndTheseAreRead) {
    settings.not_found_wait = std::chrono::milliseconds{20};
    int asked = 0;
    log.on_describe = [&]() -> Result<std::vector<TopicInfo>> {
        ++asked;
        if (asked <= 3) return fail(unavailable("No broker leads the partition."));
        // As a log tells whose newest messages have not been fetched yet.
        return std::vector<TopicInfo>{{names.create, {{.partition = 0, .begin = 0, .end = 1}}}};
    };
    publish(update_of(id_of(1), 0));
    clock.time += std::chrono::seconds(1);
    std::optional<std::chrono::steady_clock::time_point> told;
    work_until([&] {
        if (asked == 4 && !told) told = std::chrono::steady_clock::now();
        const bool is_late = told && std::chrono::steady_clock::now() - *told > 5 * settings.not_found_wait;
        if (is_late && log.partitions[{names.create, 0}].empty()) publish(create_of(id_of(1), 0));
        return finished() == 2;
    });
    EXPECT_EQ(ended(Ending::applied), 2);
}

TEST_F(MessageWorkerIsolationTest, NoUpdateIsGivenUpWhileItsCreateIsBeingWritten) {
    settings.not_found_wait = std::chrono::milliseconds{40};
    block(id_of(1));
    publish(update_of(id_of(1), 0));
    clock.time += std::chrono::seconds(1);
    std::optional<std::chrono::steady_clock::time_point> since;
    work_until([&] {
        if (!since && store.finds == 1) {
            since = std::chrono::steady_clock::now();
            publish(create_of(id_of(1), 0));
        }
        if (since && std::chrono::steady_clock::now() - *since > 5 * settings.not_found_wait) release();
        return finished() == 2;
    });
    EXPECT_EQ(ended(Ending::applied), 2);
}

}  // namespace
}  // namespace productd
