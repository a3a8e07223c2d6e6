// Writes while the store gives no answer at all.
#include "app/catalog/catalog_fixture.hpp"

namespace productd {
namespace {

using namespace test;
using namespace std::chrono_literals;

/// Its finds hang while told to, as long as the caller waits.
class HangingStore : public FakeProductStore {
public:
    bool hangs = false;
    Task<std::vector<Found>> find(std::vector<ProductId> ids, CallContext context) override {
        if (hangs) {
            ++hung;
            Signal never(co_await asio::this_coro::executor);
            co_await never.wait();
            co_return fail(Errc::cancelled, "The call was given up.");
        }
        co_return co_await FakeProductStore::find(std::move(ids), context);
    }
    int hung = 0;
};

class HangingStoreTest : public CatalogTest {
protected:
    HangingStore hanging;
    ProductId id = id_of(7);

    HangingStoreTest() {
        hanging.stored[id] = StoredProduct{Product{.id = id, .name = "Chair", .version = {1}}, {}};
        settings.look_wait = 20ms;
        worker_works = false;
        hanging.hangs = true;
    }
    Catalog catalog() { return Catalog({hanging, cache, log, outcomes, pipeline, clock, ids}, settings); }
};

TEST_F(HangingStoreTest, UnconditionalWritesArePublishedAndAccepted) {
    auto target = catalog();
    EXPECT_EQ(with_worker(target.update(id, valid_draft(), {}, context()))->state, Written::State::accepted);
    EXPECT_EQ(with_worker(target.remove(id, {}, context()))->state, Written::State::accepted);
    EXPECT_EQ(with_worker(target.create(valid_draft(), "key", context()))->state, Written::State::accepted);
    EXPECT_EQ(records, 3);
}

TEST_F(HangingStoreTest, ConditionalWritesAreUnavailableAndPublishedNowhere) {
    auto target = catalog();
    EXPECT_EQ(with_worker(target.update(id, valid_draft(), Version{1}, context())).error().code, Errc::unavailable);
    EXPECT_EQ(with_worker(target.remove(id, Version{1}, context())).error().code, Errc::unavailable);
    EXPECT_EQ(with_worker(target.stored_version(id, context())).error().code, Errc::unavailable);
    EXPECT_EQ(records, 0);
}

TEST_F(HangingStoreTest, ALookTakesHalfOfTheTimeAtMost) {
    settings.look_wait = 1h;
    settings.apply_wait = 1h;
    outcomes.heard = Hearing::likely;
    auto target = catalog();
    const auto deadline = std::chrono::steady_clock::now() + 3s;
    EXPECT_EQ(with_worker(target.update(id, valid_draft(), {}, {deadline, {}}))->state, Written::State::accepted);
    EXPECT_LT(std::chrono::steady_clock::now(), deadline) << "answered in time, though nothing was told";
}

/// Its client's time is so long that a look outside of the wait would not end in this test's.
TEST_F(HangingStoreTest, TheLastLookInTheStoreIsAPartOfTheWait) {
    settings.look_wait = 24h;
    settings.apply_wait = 20ms;
    for (const auto heard : {Hearing::likely, Hearing::none}) {
        outcomes.heard = heard;
        auto target = catalog();
        const auto created =
            with_worker(target.create(valid_draft(), {}, {std::chrono::steady_clock::now() + 24h, {}}));
        EXPECT_EQ(created->state, Written::State::accepted);
    }
    EXPECT_GE(hanging.hung, 2) << "it was looked for";
}

TEST_F(HangingStoreTest, WhatItsClientHasGivenUpIsNotPublished) {
    settings.look_wait = 1h;
    auto target = catalog();
    auto call = within(std::chrono::steady_clock::now(), target.update(id, valid_draft(), {}, {Deadline::max(), {}}));
    EXPECT_EQ(await(std::move(call)).error().code, Errc::deadline_exceeded);
    EXPECT_EQ(hanging.hung, 1);
    EXPECT_EQ(records, 0);
}

/// It takes nothing and refuses nothing.
class SilentLog : public FakeMessageLog {
public:
    Task<std::vector<Result<Position>>> publish(std::vector<Record>) override {
        Signal never(co_await asio::this_coro::executor);
        co_await never.wait();
        co_return fail(Errc::cancelled, "The call was given up.");
    }
};

TEST_F(CatalogTest, AWriteThatTheLogDoesNotTakeInTimeTellsHowLongItWaited) {
    SilentLog silent;
    Catalog target({store, cache, silent, outcomes, pipeline, clock, ids}, settings);
    const auto deadline = std::chrono::steady_clock::now() + 200ms;
    const auto created = with_worker(target.create(valid_draft(), {}, {deadline, {}}));
    ASSERT_FALSE(created);
    EXPECT_EQ(created.error().error.code, Errc::deadline_exceeded);
    EXPECT_TRUE(created.error().error.detail.starts_with("The event log did not answer within 0."))
        << created.error().error.detail;
}

TEST_F(HangingStoreTest, AStoreThatIsKnownToBeDownIsNotAsked) {
    settings.look_wait = 1h;
    pipeline.down = true;
    auto target = catalog();
    EXPECT_EQ(with_worker(target.update(id, valid_draft(), {}, context()))->state, Written::State::accepted);
    EXPECT_EQ(with_worker(target.update(id, valid_draft(), Version{1}, context())).error().code, Errc::unavailable);
    EXPECT_EQ(with_worker(target.create(valid_draft(), "key", context()))->state, Written::State::accepted);
    EXPECT_EQ(hanging.hung, 0);
    EXPECT_EQ(records, 2);
}

}  // namespace
}  // namespace productd
