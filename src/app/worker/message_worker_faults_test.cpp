// The worker when something fails: messages, items, the store, the log.
#include "app/worker/message_worker_fixture.hpp"

namespace productd {
namespace {

using namespace test;

class MessageWorkerFaultsTest : public MessageWorkerFixture {};

TEST_F(MessageWorkerFaultsTest, SendsMalformedMessageToDeadLetterAndCommits) {
    publish(create_of(id_of(1), 0));
    log.append(
        {.topic = names.create, .key = "k\xff", .value = std::string("{\"name\":\x01", 10), .time = clock.now()});
    log.append({.topic = names.create, .value = std::nullopt, .time = clock.now()});
    publish(create_of(id_of(2), 0));
    work_until([&] { return finished() == 4; });
    EXPECT_TRUE(store.product(id_of(1)));
    EXPECT_TRUE(store.product(id_of(2)));
    ASSERT_EQ(dead_letters().size(), 2U);
    EXPECT_EQ(dead_letters()[0].key, "k\xff");
    EXPECT_NE(dead_letters()[0].value->find(R"("key":{"base64":"a/8="})"), std::string::npos);
    EXPECT_NE(dead_letters()[1].value->find(R"("payload":null)"), std::string::npos);
    EXPECT_EQ(log.committed.at({names.create, 0}).offset, 4);
}

TEST_F(MessageWorkerFaultsTest, FinishesAMessageOnlyOnceItsDeadLetterIsAcknowledged) {
    int refusals = 3;
    log.on_publish = [&](const Record&) -> Result<> {
        if (refusals-- > 0) return fail(Errc::unavailable, "no");
        return {};
    };
    log.append({.topic = names.update, .value = "[]", .time = clock.now()});
    work_until([&] { return finished() == 1; });
    EXPECT_LT(refusals, 0);
    EXPECT_EQ(dead_letters().size(), 1U);
}

TEST_F(MessageWorkerFaultsTest, WritesALetterThatIsTooLargeOnceMoreCutAndHoldsUpNoOther) {
    log.on_publish = [&](const Record& record) -> Result<> {
        if (record.value->size() > 10'000) return fail(Errc::invalid_argument, "too large");
        return {};
    };
    const std::string large = "{" + std::string(50'000, ' ');
    log.append({.topic = names.update, .key = std::string(5'000, 'k'), .value = large, .time = clock.now()});
    log.append({.topic = names.update, .value = "[]", .time = clock.now()});
    work_until([&] { return finished() == 2; });
    ASSERT_EQ(dead_letters().size(), 2U);
    EXPECT_NE(dead_letters()[0].value->find(R"("payload":"[]")"), std::string::npos);
    const auto& cut = *dead_letters()[1].value;
    EXPECT_NE(cut.find(R"("truncated":true,"payloadBytes":50001,"payloadSha256":")"), std::string::npos) << cut;
    EXPECT_LT(cut.size(), 3'000U);
}

TEST_F(MessageWorkerFaultsTest, DoesNotSpinWhileTheStoreIsDown) {
    settings.breaker.backoff = {std::chrono::milliseconds{200}, std::chrono::milliseconds{400}};
    int calls = 0;
    store.on_call = [&](const char*) -> Result<> { return ++calls < 6 ? fail(unavailable("down")) : Result<>{}; };
    publish(create_of(id_of(1), 0));
    work_until([&] { return finished() == 1; });
    EXPECT_LT(handlers_run, 500) << "a handful a second are enough";
}

TEST_F(MessageWorkerFaultsTest, WaitsWhileTheStoreIsDownAndDeadLettersNothing) {
    int failures = 12;
    store.on_call = [&](const char*) -> Result<> {
        if (failures-- > 0) return fail(unavailable("down"));
        return {};
    };
    for (std::uint32_t n = 0; n < 50; ++n) publish(create_of(id_of(n), 0));
    work_until([&] { return finished() == 50; });
    EXPECT_TRUE(observer.was_open);
    EXPECT_EQ(observer.breaker, CircuitBreaker::State::closed);
    EXPECT_EQ(ended(Ending::applied), 50);
    EXPECT_TRUE(dead_letters().empty());
}

TEST_F(MessageWorkerFaultsTest, OneItemThatKeepsFailingAloneBecomesADeadLetterAndTheOthersAreApplied) {
    settings.item_retry_limit = std::chrono::milliseconds{0};
    settings.item_attempts_max = 3;
    store.on_item = [&](const ProductWrite& write) -> Result<> {
        const auto* product = std::get_if<StoredProduct>(&write.next);
        if (product && product->product.id == id_of(7)) return fail(Errc::internal, "no");
        return {};
    };
    std::uint32_t next = 0;
    work_until([&] {
        // Only failures between which others succeed count.
        if (next < 1'000) publish(create_of(id_of(next++), 0));
        return finished() == 1'000;
    });
    EXPECT_EQ(ended(Ending::applied), 999);
    ASSERT_EQ(dead_letters().size(), 1U);
    EXPECT_NE(dead_letters()[0].value->find(R"("code":"retry_exhausted")"), std::string::npos);
    EXPECT_NE(dead_letters()[0].value->find(R"("attempts":3)"), std::string::npos);
}

TEST_F(MessageWorkerFaultsTest, RedeliveryOfEverythingChangesNothing) {
    for (std::uint32_t n = 0; n < 20; ++n) publish(create_of(id_of(n % 5), 0));
    for (std::uint32_t n = 0; n < 20; ++n) publish(update_of(id_of(n % 5), 0));
    work_until([&] { return finished() == 40; });
    const auto before = store.stored;
    log.committed.clear();
    observer.endings.clear();
    work_until([&] { return finished() == 40; });
    EXPECT_EQ(store.stored, before);
}

TEST_F(MessageWorkerFaultsTest, ASlowBatchDoesNotStopOtherProducts) {
    // The first write hangs until every other product is applied.
    bool first = true;
    store.before_write = [&]() -> asio::awaitable<void> {
        if (!std::exchange(first, false)) co_return;
        while (finished() < 99) co_await sleep_until(std::chrono::steady_clock::now() + std::chrono::milliseconds(1));
    };
    publish(create_of(id_of(0), 0));
    bool more = true;
    work_until([&] {
        if (store.writes > 0 && std::exchange(more, false)) {
            for (std::uint32_t n = 1; n < 100; ++n) publish(create_of(id_of(n), 0));
        }
        return finished() == 100;
    });
}

TEST_F(MessageWorkerFaultsTest, LetsGoOfItsPartitionsAlsoWhileTheStoreIsDown) {
    store.on_call = [](const char*) -> Result<> { return fail(unavailable("down")); };
    for (std::uint32_t n = 0; n < 20; ++n) publish(create_of(id_of(n), 0));
    bool is_asked = false;
    work_until([&] {
        if (observer.was_open && !std::exchange(is_asked, true)) log.rebalance();
        return log.releases == 1;
    });
    EXPECT_TRUE(observer.was_open);
    EXPECT_EQ(finished(), 0);
    EXPECT_EQ(observer.rebalances[Rebalance::revoked], 1U);
}

TEST_F(MessageWorkerFaultsTest, CommitsNothingOfPartitionsThatAreLost) {
    settings.commit_interval = std::chrono::hours{1};
    publish(create_of(id_of(0), 0));
    bool is_asked = false;
    bool has_committed = false;
    work_until([&] {
        if (ended(Ending::applied) == 1 && !std::exchange(is_asked, true)) log.rebalance(true);
        if (log.releases == 0) has_committed = !log.committed.empty();
        return log.releases == 1 && finished() == 2;  // It came again, and changed nothing.
    });
    EXPECT_FALSE(has_committed);
    EXPECT_EQ(ended(Ending::superseded), 1);
    EXPECT_EQ(observer.rebalances, (std::map<Rebalance, std::size_t>{{Rebalance::assigned, 2}, {Rebalance::lost, 1}}));
}

// Its next owner parks it, condemns it or tries it again. Here it would take room for ever.
TEST_F(MessageWorkerFaultsTest, KeepsNothingOfABatchThatEndsWhenItsPartitionsAreLost) {
    settings.not_found_wait = std::chrono::hours{1};
    settings.in_flight_max = 4;
    publish(create_of(id_of(0), 0));
    bool is_held = false;
    bool is_writing = false;
    store.before_write = [&]() -> asio::awaitable<void> {
        while (is_held) {
            is_writing = true;
            co_await sleep_until(std::chrono::steady_clock::now() + std::chrono::milliseconds(1));
        }
    };
    int step = 0;
    work_until([&] {
        if (step == 0 && ended(Ending::applied) == 1) {
            is_held = true;
            publish(update_of(id_of(9), 0));  // There is none, as is known when the other is written.
            publish(update_of(id_of(0), 1));
            step = 1;
        } else if (step == 1 && is_writing) {
            log.rebalance(true);
            step = 2;
        } else if (step == 2 && log.releases == 1) {
            is_held = false;
            step = 3;
        } else if (step == 3 && store.writes >= 2 && ended(Ending::superseded) >= 1) {
            for (std::uint32_t n = 1; n < 20; ++n) publish(create_of(id_of(n), 0));
            step = 4;
        }
        return step == 4 && store.product(id_of(19)) != nullptr;
    });
    EXPECT_EQ(observer.parked_for_nobody, 0U);
}

TEST_F(MessageWorkerFaultsTest, WhatCannotBeReadIsCondemnedAtOnceAndNobodyElse) {
    settings.item_retry_limit = std::chrono::hours{1};
    for (std::uint32_t n = 0; n < 100; ++n) publish(create_of(id_of(n), 0));
    work_until([&] { return ended(Ending::applied) == 100; });
    store.unreadable[id_of(50)] = {Errc::data_loss, "Its document is damaged."};
    for (std::uint32_t n = 0; n < 100; ++n) publish(update_of(id_of(n), 0, "Later"));
    publish(update_of(id_of(50), 0, "Latest"));
    work_until([&] { return finished() == 201; });
    EXPECT_EQ(ended(Ending::applied), 199);
    EXPECT_EQ(observer.condemned_codes, (std::vector<std::string>{"data_loss", "data_loss"}));
    EXPECT_EQ(dead_letters().size(), 2U);
    EXPECT_FALSE(observer.was_open) << "it is not the store's failure";
}

TEST_F(MessageWorkerFaultsTest, WhatALaterReleaseWroteWaitsForIt) {
    publish(create_of(id_of(1), 0));
    publish(create_of(id_of(2), 0));
    work_until([&] { return ended(Ending::applied) == 2; });
    store.unreadable[id_of(1)] = {Errc::unavailable, "A later release wrote it."};
    publish(update_of(id_of(1), 0, "Later"));
    publish(update_of(id_of(2), 0, "Later"));
    work_until([&] {
        if (ended(Ending::applied) == 3) store.unreadable.clear();
        return ended(Ending::applied) == 4;
    });
    EXPECT_TRUE(dead_letters().empty());
    EXPECT_EQ(store.product(id_of(1))->name, "Later");
}

}  // namespace
}  // namespace productd
