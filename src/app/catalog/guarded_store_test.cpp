// What requests see of a store that is known not to answer.
#include "app/catalog/guarded_store.hpp"

#include "app/catalog/catalog_fixture.hpp"

namespace productd {
namespace {

using namespace test;

/// Its finds hang until their callers go.
class SilentStore : public FakeProductStore {
public:
    Task<std::vector<Found>> find(std::vector<ProductId>, CallContext) override {
        ++asked;
        if (on_ask) on_ask();
        Signal never(co_await asio::this_coro::executor);
        co_await never.wait();
        co_return fail(Errc::cancelled, "The call was given up.");
    }
    int asked = 0;
    std::function<void()> on_ask;
};

class GuardedStoreTest : public CatalogTest {
protected:
    StoreHealth health;
    SilentStore silent;
    GuardedStore guarded{silent, health};
    GuardedPipeline guarded_pipeline{pipeline, health};
    Catalog catalog() { return Catalog({guarded, cache, log, outcomes, guarded_pipeline, clock, ids}, settings); }
};

TEST_F(GuardedStoreTest, AsksNothingOfAStoreThatIsDown) {
    health.note(false);
    EXPECT_EQ(await(guarded.find({id_of(1)}, Deadline::max())).error().code, Errc::unavailable);
    EXPECT_EQ(await(guarded.search({}, Deadline::max())).error().code, Errc::unavailable);
    EXPECT_EQ(await(guarded.write({}, Deadline::max())).error().code, Errc::unavailable);
    EXPECT_EQ(silent.asked, 0);
    EXPECT_EQ(silent.writes, 0);
    health.note(true);
    EXPECT_TRUE(await(guarded.search({}, Deadline::max())));
}

TEST_F(GuardedStoreTest, EndsWhatIsUnderWayWhenTheStoreGoesDown) {
    silent.on_ask = [&] { health.note(false); };
    EXPECT_EQ(await(guarded.find({id_of(1)}, Deadline::max())).error().code, Errc::unavailable);
    EXPECT_EQ(silent.asked, 1);
}

TEST_F(GuardedStoreTest, ACallOfAClientThatGaveUpIsCancelledAndNotUnavailable) {
    std::optional<Errc> seen;
    auto call = [&]() -> Task<> {
        auto found = co_await guarded.find({id_of(1)}, Deadline::max());
        seen = found.error().code;
        co_return Result<>{};
    };
    const auto patient = [&]() -> Task<> { co_return co_await within(std::chrono::steady_clock::now(), call()); };
    EXPECT_EQ(await(patient()).error().code, Errc::deadline_exceeded);
    EXPECT_EQ(seen, Errc::cancelled) << "so that another of those who read the same leads";
}

TEST_F(GuardedStoreTest, WritesAreAcceptedAtOnceAndConditionalOnesRefusedWhileTheStoreIsKnownToBeDown) {
    settings.apply_wait = settings.look_wait = std::chrono::hours(1);
    worker_works = false;
    health.note(false);
    auto target = catalog();
    EXPECT_EQ(with_worker(target.create(valid_draft(), {}, context()))->state, Written::State::accepted);
    EXPECT_EQ(with_worker(target.update(id_of(1), valid_draft(), {}, context()))->state, Written::State::accepted);
    EXPECT_EQ(with_worker(target.update(id_of(1), valid_draft(), Version{1}, context())).error().code,
              Errc::unavailable);
    EXPECT_EQ(with_worker(target.get(id_of(1), Freshness::cached, Deadline::max())).error().code, Errc::unavailable);
    EXPECT_EQ(records, 2);
    EXPECT_EQ(silent.asked, 0);
}

/// Its client's time, and that of the wait, are so long that this test would not see their end.
TEST_F(GuardedStoreTest, WhoWaitsForAnEventToBeAppliedWaitsNoLongerOnceTheStoreIsKnownToBeDown) {
    settings.apply_wait = std::chrono::hours(24);
    log.on_publish = [&](const Record&) -> Result<> {
        health.note(false);
        return {};
    };
    for (const auto heard : {Hearing::all, Hearing::likely}) {
        health.note(true);
        outcomes.heard = heard;
        auto target = catalog();
        const auto deadline = std::chrono::steady_clock::now() + std::chrono::hours(48);
        EXPECT_EQ(with_worker(target.create(valid_draft(), {}, {deadline, {}}))->state, Written::State::accepted);
    }
}

}  // namespace
}  // namespace productd
