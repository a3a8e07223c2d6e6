// The worker over an in-memory log and store, on one thread: every test runs until its condition holds.
#include "app/message_worker.hpp"

#include <gtest/gtest.h>

#include <boost/asio/io_context.hpp>
#include <random>

#include "codec/product_json.hpp"
#include "fakes/fake_ports.hpp"
#include "fakes/sample_product.hpp"

namespace productd {
namespace {

using namespace test;

struct Observer : PipelineObserver {
    std::map<Ending, int> endings;
    std::vector<std::string> condemned_codes;
    CircuitBreaker::State breaker = CircuitBreaker::State::closed;
    bool was_open = false;
    std::size_t in_flight_most = 0;

    void received(ChangeKind, std::size_t) override {}
    void finished(ChangeKind, Ending ending, std::chrono::nanoseconds) override { ++endings[ending]; }
    void condemned(const Position&, const Error& error) override { condemned_codes.emplace_back(name(error.code)); }
    void batch(std::size_t, std::chrono::nanoseconds) override {}
    void retried(const Error&, std::size_t) override {}
    void log_failed(std::string_view, const Error&) override {}
    void breaker_changed(CircuitBreaker::State state) override {
        breaker = state;
        was_open = was_open || state == CircuitBreaker::State::open;
    }
    void gauges(const PipelineGauges& now) override { in_flight_most = std::max(in_flight_most, now.in_flight); }
};

struct ToldOutcomes : Outcomes {
    std::map<std::string, Outcome> told;
    std::unique_ptr<OutcomeWait> expect(asio::any_io_executor) override { return nullptr; }
    void tell(const std::string& wait_id, const Position&, const Outcome& outcome) override { told[wait_id] = outcome; }
};

class MessageWorkerTest : public ::testing::Test {
protected:
    MessageWorkerTest() {
        settings.commit_interval = std::chrono::milliseconds{1};
        settings.breaker.backoff = {std::chrono::milliseconds{1}, std::chrono::milliseconds{4}};
        settings.not_found_wait = std::chrono::milliseconds{100};
    }

    asio::io_context context{1};  // First: what holds timers of it must go before it.
    TopicNames names;
    FakeClock clock;
    FakeProductStore store;
    FakeProductCache cache;
    FakeMessageLog log;
    ToldOutcomes outcomes;
    Observer observer;
    WorkerSettings settings;
    ChangeApplier applier{store, cache};

    Position publish(Change change, std::string wait_id = {}) {
        if (change.time == Timestamp{}) change.time = clock.now();
        return log.append(encode_event(names.of(change.kind), {std::move(change), std::move(wait_id), {}}));
    }

    /// Works until `done`, or fails after many seconds; then stops the worker in order.
    void work_until(const std::function<bool()>& done) {
        context.restart();
        MessageWorker worker({log, applier, outcomes, observer, clock}, settings, context.get_executor());
        bool ended = false;
        asio::co_spawn(context, worker.run(), [&](std::exception_ptr error) {
            if (error) std::rethrow_exception(error);
            ended = true;
        });
        const auto patience = std::chrono::steady_clock::now() + std::chrono::seconds(30);
        while (!done() && std::chrono::steady_clock::now() < patience)
            context.run_one_for(std::chrono::milliseconds(50));
        EXPECT_TRUE(done());
        worker.stop();
        while (!ended && std::chrono::steady_clock::now() < patience)
            context.run_one_for(std::chrono::milliseconds(50));
        EXPECT_TRUE(ended);
        context.run_for(std::chrono::milliseconds(0));
    }

    int ended(Ending ending) { return observer.endings[ending]; }
    int finished() {
        int sum = 0;
        for (const auto& [ending, count] : observer.endings) sum += count;
        return sum;
    }
    std::vector<Message>& dead_letters() { return log.partitions[{names.dead_letters, 0}]; }
};

TEST_F(MessageWorkerTest, AppliesCreateUpdateAndRemovalInOrderAndCommits) {
    publish(create_of(id_of(1), 0));
    publish(update_of(id_of(1), 0));
    publish(create_of(id_of(2), 0));
    work_until([&] { return finished() == 3; });
    EXPECT_EQ(store.product(id_of(1))->version, Version{2});
    EXPECT_EQ(store.product(id_of(1))->name, "Table");
    EXPECT_EQ(log.committed.at({names.create, 0}).offset, 2);

    publish(remove_of(id_of(1), 0));
    work_until([&] { return finished() == 4; });
    EXPECT_EQ(std::get<Tombstone>(store.get(id_of(1))).version, Version{3});
    EXPECT_TRUE(dead_letters().empty());
}

TEST_F(MessageWorkerTest, SendsMalformedMessageToDeadLetterAndCommits) {
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

TEST_F(MessageWorkerTest, FinishesAMessageOnlyOnceItsDeadLetterIsAcknowledged) {
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

TEST_F(MessageWorkerTest, ParksAnUpdateUntilItsCreateComes) {
    publish(update_of(id_of(1), 0, "Table"));
    publish(update_of(id_of(1), 0, "Stool"));
    work_until([&] {
        if (store.finds > 0 && log.partitions[{names.create, 0}].empty()) publish(create_of(id_of(1), 0));
        return finished() == 3;
    });
    EXPECT_EQ(store.product(id_of(1))->name, "Stool");
    EXPECT_EQ(store.product(id_of(1))->version, Version{3});
    EXPECT_TRUE(dead_letters().empty());
}

TEST_F(MessageWorkerTest, GivesUpOnAnUpdateOfNothingAfterTheWait) {
    publish(update_of(id_of(1), 0), "w");
    work_until([&] { return finished() == 1; });
    EXPECT_EQ(observer.condemned_codes, std::vector<std::string>{"not_found"});
    EXPECT_EQ(dead_letters().size(), 1U);
    EXPECT_EQ(std::get<Error>(outcomes.told.at("w")).code, Errc::not_found);
}

TEST_F(MessageWorkerTest, UpdatesOfUnknownProductsStopNobodyElse) {
    for (std::uint32_t n = 0; n < 2'000; ++n) publish(update_of(id_of(10'000 + n), 0));
    for (std::uint32_t n = 0; n < 100; ++n) publish(create_of(id_of(n), 0));
    settings.not_found_wait = std::chrono::milliseconds{500};
    work_until([&] { return ended(Ending::applied) == 100; });
    work_until([&] { return ended(Ending::dead_lettered) >= 2'000; });
    EXPECT_EQ(ended(Ending::applied), 100);
}

TEST_F(MessageWorkerTest, WaitsWhileTheStoreIsDownAndDeadLettersNothing) {
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

TEST_F(MessageWorkerTest, OneItemThatKeepsFailingAloneBecomesADeadLetterAndTheOthersAreApplied) {
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

TEST_F(MessageWorkerTest, TellsTheWaitingRequestWhatBecameOfItsEvent) {
    publish(create_of(id_of(1), 0), "created");
    publish(create_of(id_of(1), 0), "again");
    auto conditional = update_of(id_of(1), 0);
    conditional.expected = Version{9};
    publish(conditional, "refused");
    work_until([&] { return finished() == 3; });
    EXPECT_EQ(std::get<Applied>(outcomes.told.at("created")).product->version, Version{1});
    EXPECT_EQ(std::get<Error>(outcomes.told.at("again")).code, Errc::already_exists);
    EXPECT_EQ(std::get<Error>(outcomes.told.at("refused")).code, Errc::aborted);
    EXPECT_EQ(dead_letters().size(), 1U);
    EXPECT_EQ(ended(Ending::refused), 1);
}

TEST_F(MessageWorkerTest, RedeliveryOfEverythingChangesNothing) {
    for (std::uint32_t n = 0; n < 20; ++n) publish(create_of(id_of(n % 5), 0));
    for (std::uint32_t n = 0; n < 20; ++n) publish(update_of(id_of(n % 5), 0));
    work_until([&] { return finished() == 40; });
    const auto before = store.stored;
    log.committed.clear();
    observer.endings.clear();
    work_until([&] { return finished() == 40; });
    EXPECT_EQ(store.stored, before);
}

TEST_F(MessageWorkerTest, MakesTheSameProductOfAForeignCreateWithoutIdOnEveryDelivery) {
    log.append({.topic = names.create,
                .value = R"({"productId":"000000000000000000000000","name":"Chair","description":"Wooden","price":1,)"
                         R"("quantity":1,"rating":1})",
                .time = clock.now()});
    work_until([&] { return finished() == 1; });
    log.committed.clear();
    work_until([&] { return finished() == 2; });
    EXPECT_EQ(store.stored.size(), 1U);
    EXPECT_EQ(std::get<StoredProduct>(store.stored.begin()->second).product.version, Version{1});
}

TEST_F(MessageWorkerTest, BoundsWhatIsInFlight) {
    settings.in_flight_max = 64;
    for (std::uint32_t n = 0; n < 2'000; ++n) publish(create_of(id_of(n), 0));
    work_until([&] { return finished() == 2'000; });
    EXPECT_LE(observer.in_flight_most, 64U);
}

TEST_F(MessageWorkerTest, ASlowBatchDoesNotStopOtherProducts) {
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

TEST_F(MessageWorkerTest, EndsInTheModelsStateForRandomBursts) {
    std::mt19937 random(42);
    std::map<ProductId, std::string> model;  // Empty: deleted.
    // Between topics there is no order, so the bursts of one product stay in one topic each, one after the other.
    int expected = 0;
    for (int round = 0; round < 30; ++round) {
        for (std::uint32_t n = 0; n < 10; ++n) {
            const auto id = id_of(n);
            if (!model.contains(id) || model[id].empty()) {
                publish(create_of(id, 0));
                model[id] = "Chair";
                ++expected;
            } else if (random() % 4 == 0) {
                publish(remove_of(id, 0));
                model[id].clear();
                ++expected;
            } else {
                for (auto updates = random() % 5; updates-- > 0; ++expected) {
                    model[id] = "name-" + std::to_string(random());
                    publish(update_of(id, 0, model[id]));
                }
            }
        }
        clock.time += std::chrono::milliseconds(10);
        work_until([&] { return finished() == expected; });
    }
    for (const auto& [id, name] : model) {
        const auto* product = store.product(id);
        EXPECT_EQ(product ? product->name : "", name);
    }
    EXPECT_TRUE(dead_letters().empty());
}

}  // namespace
}  // namespace productd
