// The use cases over ports in memory.
#include "app/catalog.hpp"

#include <gtest/gtest.h>

#include "app/direct_catalog.hpp"
#include "app/event.hpp"
#include "app/process_outcomes.hpp"
#include "fakes/await.hpp"
#include "fakes/fake_message_log.hpp"
#include "fakes/fake_ports.hpp"
#include "fakes/sample_product.hpp"

namespace productd {
namespace {

using namespace test;

struct FakePipeline : PipelineState {
    std::chrono::milliseconds late{0};
    bool down = false;
    std::chrono::milliseconds lag() const override { return late; }
    bool store_is_down() const override { return down; }
};

/// Hears as much of other instances as a test says.
class DeafOutcomes : public ProcessOutcomes {
public:
    using ProcessOutcomes::ProcessOutcomes;
    Hearing hearing() const override { return heard; }
    Hearing heard = Hearing::all;
};

class CatalogTest : public ::testing::Test {
protected:
    FakeClock clock;
    FakeIds ids;
    FakeProductStore store;
    FakeProductCache cache;
    FakeMessageLog log;
    FakePipeline pipeline;
    DeafOutcomes outcomes{ids, 100};
    ChangeApplier applier{store, cache, 256 * 1024};
    TopicNames names;
    CatalogSettings settings{.apply_wait = std::chrono::milliseconds{50}};
    bool worker_works = true;

    CatalogTest() {
        // A worker in miniature: what is published is applied at once, before the acknowledgement.
        log.on_publish = [this](const Record& record) -> Result<> {
            ++records;
            if (worker_works) published.push_back(record);
            return {};
        };
    }

    std::vector<Record> published;
    bool worker_tells = true;
    int records = 0;  ///< Published so far.

    Catalog catalog() { return Catalog({store, cache, log, outcomes, pipeline, clock, ids}, settings); }
    RequestContext context() { return {std::chrono::steady_clock::now() + std::chrono::seconds(5), {}}; }

    ChangeKind kind_of(const std::string& topic) {
        if (topic == names.create) return ChangeKind::create;
        return topic == names.update ? ChangeKind::update : ChangeKind::remove;
    }

    /// Applies what was published and tells of it, as the worker does.
    asio::awaitable<void> work() {
        for (const auto& [source, messages] : log.partitions) {
            if (messages.empty() || !worker_works) continue;
            const auto& message = messages.back();
            auto event = decode_event(kind_of(source.topic), message, clock.now(), clock.now());
            auto outcome = co_await applier.apply({std::make_shared<Change>(event->change)});
            if (const auto* applied = std::get_if<Applied>(&outcome->front())) {
                if (worker_tells) outcomes.tell(event->wait_id, message.position, *applied);
            } else if (const auto* refused = std::get_if<Refused>(&outcome->front())) {
                outcomes.tell(event->wait_id, message.position, refused->error);
            }
        }
    }

    /// Runs a use case with the worker beside it.
    template <class T>
    T with_worker(asio::awaitable<T> use_case) {
        const auto rethrow = [](std::exception_ptr error) {
            if (error) std::rethrow_exception(error);
        };
        asio::io_context context(1);
        std::optional<T> result;
        asio::co_spawn(context, std::move(use_case), [&](std::exception_ptr error, T value) {
            rethrow(error);
            result.emplace(std::move(value));
        });
        while (!result) {
            if (!std::exchange(published, {}).empty()) asio::co_spawn(context, work(), rethrow);
            context.run_one();
        }
        context.run();
        log.partitions.clear();
        clock.time += std::chrono::seconds(1);  // So that the emptied log is one made anew.
        return std::move(*result);
    }

    ProductId stored_product() {
        auto target = catalog();
        return with_worker(target.create(sample_draft(), {}, context()))->product->id;
    }
};

TEST_F(CatalogTest, CreateAnswersAppliedWithTheStoredProduct) {
    auto target = catalog();
    const auto created = with_worker(target.create(sample_draft(), {}, context()));
    ASSERT_TRUE(created);
    EXPECT_EQ(created->state, Written::State::applied);
    EXPECT_EQ(created->product->version, Version{1});
    EXPECT_EQ(***catalog().peek(created->product->id), *created->product);
}

TEST_F(CatalogTest, CreateIsAcceptedWhenTheWorkerIsSilent) {
    worker_works = false;
    auto target = catalog();
    const auto created = with_worker(target.create(sample_draft(), {}, context()));
    ASSERT_TRUE(created);
    EXPECT_EQ(created->state, Written::State::accepted);
    EXPECT_EQ(created->product->name, "Chair");
}

TEST_F(CatalogTest, FindsTheOutcomeInTheStoreWhenItCannotBeTold) {
    settings.apply_wait = std::chrono::hours(1);
    worker_tells = false;
    outcomes.heard = Hearing::none;
    auto target = catalog();
    const auto created = with_worker(target.create(sample_draft(), {}, {Deadline::max(), {}}));
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
    EXPECT_EQ(with_worker(target.create(sample_draft(), {}, context()))->state, Written::State::applied);
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
        await(applier.apply({std::make_shared<Change>(std::move(later))}));
        return {};
    };
    auto target = catalog();
    EXPECT_EQ(with_worker(target.update(id, sample_draft(), {}, context()))->state, Written::State::accepted);
    const auto conditional = with_worker(target.update(id, sample_draft(), Version{2}, context()));
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
    const auto created = with_worker(target.create(sample_draft(), {}, {Deadline::max(), {}}));
    ASSERT_TRUE(created);
    EXPECT_EQ(created->state, Written::State::accepted);
    EXPECT_TRUE(created->product);
}

TEST_F(CatalogTest, DoesNotWaitForAWorkerThatIsKnownToBeLate) {
    worker_works = false;
    settings.apply_wait = std::chrono::hours(1);
    pipeline.late = std::chrono::hours(2);
    auto target = catalog();
    EXPECT_EQ(with_worker(target.create(sample_draft(), {}, context()))->state, Written::State::accepted);
    pipeline = {};
    pipeline.down = true;
    EXPECT_EQ(with_worker(target.create(sample_draft(), {}, context()))->state, Written::State::accepted);
}

TEST_F(CatalogTest, CreateThatTheLogRefusesNamesTheId) {
    log.on_publish = [](const Record&) -> Result<> { return fail(unavailable("full")); };
    auto target = catalog();
    const auto created = with_worker(target.create(sample_draft(), {}, context()));
    ASSERT_FALSE(created);
    EXPECT_EQ(created.error().error.code, Errc::unavailable);
    EXPECT_TRUE(created.error().id);
}

TEST_F(CatalogTest, InvalidAndOversizedProductsArePublishedNowhere) {
    auto target = catalog();
    EXPECT_EQ(with_worker(target.create({}, {}, context())).error().error.violations.size(), 5U);
    auto large = sample_draft();
    large.image_url = std::string(300 * 1024, 'x');
    EXPECT_EQ(with_worker(target.create(large, {}, context())).error().error.code, Errc::out_of_range);
    EXPECT_EQ(records, 0);
}

TEST_F(CatalogTest, SameKeySameProductIsMadeOnce) {
    auto target = catalog();
    const auto first = with_worker(target.create(sample_draft(), "key", context()));
    const auto again = with_worker(target.create(sample_draft(), "key", context()));
    ASSERT_TRUE(again);
    EXPECT_EQ(again->product->id, first->product->id);
    EXPECT_EQ(again->product->version, Version{1});
    EXPECT_EQ(with_worker(target.create(sample_draft("Table"), "key", context())).error().error.code,
              Errc::already_exists);

    ASSERT_TRUE(with_worker(target.remove(first->product->id, {}, context())));
    EXPECT_EQ(with_worker(target.create(sample_draft(), "key", context())).error().error.code, Errc::not_found);
}

TEST_F(CatalogTest, UpdateLooksFirst) {
    auto target = catalog();
    EXPECT_EQ(with_worker(target.update(id_of(9), sample_draft(), {}, context())).error().code, Errc::not_found);
    EXPECT_EQ(records, 0);
    const auto id = stored_product();
    EXPECT_EQ(with_worker(target.update(id, sample_draft("Table"), {}, context()))->product->version, Version{2});
    EXPECT_EQ(with_worker(target.update(id, sample_draft(), Version{1}, context())).error().code, Errc::aborted);
    EXPECT_EQ(with_worker(target.update(id, sample_draft(), Version{2}, context()))->product->version, Version{3});
}

TEST_F(CatalogTest, ConditionalWriteIsNeverMerelyAccepted) {
    const auto id = stored_product();
    worker_works = false;
    records = 0;
    auto target = catalog();
    EXPECT_EQ(with_worker(target.update(id, sample_draft(), Version{1}, context())).error().code, Errc::unavailable);
    EXPECT_EQ(with_worker(target.update(id, sample_draft(), {}, context()))->state, Written::State::accepted);

    pipeline.down = true;
    EXPECT_EQ(with_worker(target.remove(id, Version{1}, context())).error().code, Errc::unavailable);
    EXPECT_EQ(records, 2) << "what would not be waited for is not published";
}

TEST_F(CatalogTest, WithoutTheStoreOnlyUnconditionalWritesArePublished) {
    const auto id = stored_product();
    records = 0;
    store.on_call = [](const char*) -> Result<> { return fail(unavailable("down")); };
    worker_works = false;
    auto target = catalog();
    EXPECT_EQ(with_worker(target.update(id, sample_draft(), Version{1}, context())).error().code, Errc::unavailable);
    EXPECT_EQ(records, 0);
    EXPECT_EQ(with_worker(target.update(id, sample_draft(), {}, context()))->state, Written::State::accepted);
    EXPECT_EQ(with_worker(target.get(id, Freshness::stored)).error().code, Errc::unavailable);
}

TEST_F(CatalogTest, SearchRefusesPagesOutOfRange) {
    auto target = catalog();
    const auto code = [&](std::int64_t page, std::int64_t size) {
        const auto found = await(target.search({.text = "x", .page = page, .size = size}));
        return found ? std::optional<Errc>{} : found.error().code;
    };
    EXPECT_EQ(code(1, 100), std::nullopt);
    EXPECT_EQ(code(100, 100), std::nullopt);
    const std::pair<std::int64_t, std::int64_t> refused[] = {
        {0, 10}, {-1, 10}, {1, 0}, {1, -1}, {1, 101}, {101, 100}, {INT64_MAX, 100}, {1, INT64_MAX}, {INT64_MIN, 1}};
    for (const auto& [page, size] : refused) EXPECT_EQ(code(page, size), Errc::invalid_argument) << page << ' ' << size;
}

TEST_F(CatalogTest, DirectWritesFollowTheSameRules) {
    DirectCatalog direct(applier, store, clock, ids, 256 * 1024);
    const auto created = await(direct.create(sample_draft()));
    ASSERT_TRUE(created);
    const auto id = (*created)->id;
    Draft price_only{.price = 99};
    EXPECT_EQ((*await(direct.update(id, price_only, Required::given, {})))->price, 99);
    EXPECT_EQ(await(direct.update(id, price_only, Required::all, {})).error().code, Errc::invalid_argument);
    EXPECT_EQ(await(direct.update(id, price_only, Required::given, Version{1})).error().code, Errc::aborted);
    EXPECT_EQ(await(direct.update(id_of(77), price_only, Required::given, Version{1})).error().code, Errc::not_found);
    EXPECT_TRUE(await(direct.remove(id, Version{2})));
    EXPECT_EQ(await(direct.remove(id, {})).error().code, Errc::not_found);
}

}  // namespace
}  // namespace productd
