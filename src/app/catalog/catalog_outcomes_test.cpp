// What a write answers when its outcome is not told, or what was told is gone.
#include <future>

#include <gmock/gmock.h>

#include "app/catalog/catalog_fixture.hpp"
#include "app/catalog/direct_catalog.hpp"

namespace productd {
namespace {

using namespace test;

TEST_F(CatalogTest, FindsTheOutcomeInTheStoreWhenItCannotBeTold) {
    settings.apply_wait = std::chrono::hours(1);
    worker_tells = false;
    outcomes.heard = Hearing::none;
    auto target = catalog();
    const auto created = with_worker(target.create(valid_draft(), {}, {Deadline::max(), {}}));
    ASSERT_TRUE(created);
    EXPECT_EQ(created->state, Written::State::applied);
    EXPECT_EQ(created->product->version, Version{1});
    EXPECT_EQ(***catalog().peek(created->product->id), *created->product);
    const auto id = created->product->id;
    EXPECT_EQ(with_worker(target.remove(id, Version{1}, {Deadline::max(), {}}))->state, Written::State::applied);
}

TEST_F(CatalogTest, AMessageThatWasLostCostsOnlyTheWait) {
    settings.apply_wait = std::chrono::milliseconds(20);
    worker_tells = false;
    outcomes.heard = Hearing::likely;
    auto target = catalog();
    EXPECT_EQ(with_worker(target.create(valid_draft(), {}, context()))->state, Written::State::applied);
}

TEST_F(CatalogTest, AFenceOfALaterEventProvesNoMoreThanTheEnd) {
    const auto id = stored_product();
    settings.apply_wait = std::chrono::milliseconds(20);
    worker_works = false;
    outcomes.heard = Hearing::none;
    log.on_publish = [&](const Record& record) -> Result<> {
        // Somebody's later event of the same partition is applied instead.
        auto later = update_of(id, 5'000'000);
        later.source = Source{{{record.topic, 0}, 1'000, at(9'000'000'000'000)}, at(9'000'000'000'000)};
        EXPECT_TRUE(
            await(applier.apply({std::make_shared<Change>(std::move(later))}, Deadline::max(), Creates::presumed_new)));
        return {};
    };
    auto target = catalog();
    EXPECT_EQ(with_worker(target.update(id, valid_draft(), {}, context()))->state, Written::State::accepted);
    const auto conditional = with_worker(target.update(id, valid_draft(), Version{2}, context()));
    ASSERT_FALSE(conditional);
    EXPECT_EQ(conditional.error().code, Errc::unavailable);
}

TEST_F(CatalogTest, ACreateThatIsGoneAgainIsAccepted) {
    worker_works = false;
    settings.apply_wait = std::chrono::hours(1);
    log.on_publish = [this](const Record& record) -> Result<> {
        Message message{{{record.topic, 0}, 0, record.time}, record.key, record.value, record.headers};
        const auto event = decode_event(ChangeKind::create, message, clock.now(), clock.now());
        outcomes.tell(event->wait_id, message.position, Applied{nullptr, Version{2}});
        return {};
    };
    auto target = catalog();
    const auto created = with_worker(target.create(valid_draft(), {}, {Deadline::max(), {}}));
    ASSERT_TRUE(created);
    EXPECT_EQ(created->state, Written::State::accepted);
    EXPECT_EQ(created->unawaited.value().why, Unawaited::Why::outcome_untold);
    EXPECT_TRUE(created->product);
}

/// Of a create that is answered with `accepted`.
class UnawaitedTest : public CatalogTest {
protected:
    UnawaitedTest() { worker_works = false; }
    Unawaited unawaited(Outcomes& told_by) {
        Catalog target({store, cache, log, told_by, pipeline, clock, ids}, settings);
        const auto created = with_worker(target.create(valid_draft(), {}, context()));
        EXPECT_EQ(created->state, Written::State::accepted);
        return created->unawaited.value();
    }
    using Why = Unawaited::Why;
};

TEST_F(UnawaitedTest, TellsWhyItWasNotWaitedForAtAll) {
    pipeline.late = std::chrono::seconds(7);
    EXPECT_EQ(unawaited(outcomes).why, Why::worker_behind);
    EXPECT_EQ(unawaited(outcomes).lag, std::chrono::seconds(7));
    pipeline.down = true;
    EXPECT_EQ(unawaited(outcomes).why, Why::store_down);
    settings.apply_wait = std::chrono::milliseconds(0);
    EXPECT_EQ(unawaited(outcomes).why, Why::wait_is_off);
}

TEST_F(UnawaitedTest, TellsThatTooManyWait) {
    ProcessOutcomes full(ids, 0);
    EXPECT_EQ(unawaited(full).why, Why::waits_full);
}

TEST_F(UnawaitedTest, TellsHowTheWaitEnded) {
    EXPECT_EQ(unawaited(outcomes).why, Why::not_in_time);
    settings.apply_wait = std::chrono::hours(1);
    log.on_publish = [this](const Record&) -> Result<> {
        pipeline.down = true;
        return {};
    };
    EXPECT_EQ(unawaited(outcomes).why, Why::store_down) << "it went down during the wait";
}

TEST_F(UnawaitedTest, AWriteThatIsAppliedHasNoReason) {
    worker_works = true;
    settings.apply_wait = std::chrono::hours(1);
    auto target = catalog();
    EXPECT_FALSE(with_worker(target.create(valid_draft(), {}, context()))->unawaited);
}

TEST_F(CatalogTest, ADirectWriteWhoseClientGivesUpStillReachesTheCache) {
    const auto id = stored_product();
    DirectCatalog direct(applier, store, late_writes, clock, ids, settings.product_bytes_max);
    BlockingPool pool("store", 1, 10);
    std::promise<void> go;
    store.on_write = [&](const std::vector<ProductId>&) -> Task<> {
        auto work = [going = go.get_future().share()]() -> Result<> { return going.wait(), Result<>{}; };
        co_return co_await offload(pool, std::move(work));
    };
    asio::io_context context(1);
    std::optional<Result<ProductPtr>> answer;
    asio::co_spawn(context,
                   within(std::chrono::steady_clock::now(),
                          direct.update(id, test::valid({.price = 99}, Required::given), {}, Deadline::max())),
                   [&](std::exception_ptr, Result<ProductPtr> result) {
                       answer = std::move(result);
                       go.set_value();
                   });
    context.run();
    ASSERT_FALSE(*answer);
    EXPECT_EQ(answer->error().code, Errc::deadline_exceeded);
    EXPECT_EQ(store.product(id)->price, 99);
    EXPECT_EQ(cache.peek(id).hit->product->price, 99);
}

TEST_F(CatalogTest, AWriteOfWhichNothingIsKnownLeavesNothingOlderInTheCache) {
    const auto id = stored_product();
    DirectCatalog direct(applier, store, late_writes, clock, ids, settings.product_bytes_max);
    ASSERT_TRUE(cache.peek(id).hit);
    store.on_call = [](std::string_view call) -> Result<> {
        if (call == "write") return fail(unavailable("cut off"));
        return {};
    };
    EXPECT_FALSE(await(direct.update(id, test::valid({.price = 99}, Required::given), {}, Deadline::max())));
    EXPECT_FALSE(cache.peek(id).hit);
}

struct HeardStages : WriteObserver {
    void published(ChangeKind kind, std::chrono::nanoseconds, const SpanContext&) override {
        heard.push_back(std::string(name(kind)) + " published");
    }
    void waited(ChangeKind kind, std::chrono::nanoseconds, const SpanContext&) override {
        heard.push_back(std::string(name(kind)) + " waited");
    }
    std::vector<std::string> heard;
};

TEST_F(CatalogTest, TellsOfEachStageOnceAndOfNoneThatWasNotReached) {
    HeardStages stages;
    Catalog target({store, cache, log, outcomes, pipeline, clock, ids, &stages}, settings);
    EXPECT_TRUE(with_worker(target.create(valid_draft(), {}, context())));
    EXPECT_THAT(stages.heard, testing::ElementsAre("create published", "create waited"));

    stages.heard.clear();
    settings.apply_wait = {};
    Catalog unwaiting({store, cache, log, outcomes, pipeline, clock, ids, &stages}, settings);
    EXPECT_TRUE(with_worker(unwaiting.create(valid_draft(), {}, context())));
    EXPECT_THAT(stages.heard, testing::ElementsAre("create published"));

    stages.heard.clear();
    log.on_publish = [](const Record&) -> Result<> { return fail(unavailable("full")); };
    EXPECT_FALSE(with_worker(target.create(valid_draft(), {}, context())));
    EXPECT_THAT(stages.heard, testing::IsEmpty());
}

}  // namespace
}  // namespace productd
