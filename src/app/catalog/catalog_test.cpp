// The use cases over ports in memory.
#include "app/catalog/catalog_fixture.hpp"
#include "app/catalog/direct_catalog.hpp"

namespace productd {
namespace {

using namespace test;

TEST_F(CatalogTest, CreateAnswersAppliedWithTheStoredProduct) {
    auto target = catalog();
    const auto created = with_worker(target.create(valid_draft(), {}, context()));
    ASSERT_TRUE(created);
    EXPECT_EQ(created->state, Written::State::applied);
    EXPECT_EQ(created->product->version, Version{1});
    EXPECT_EQ(***catalog().peek(created->product->id), *created->product);
}

TEST_F(CatalogTest, CreateIsAcceptedWhenTheWorkerIsSilent) {
    worker_works = false;
    auto target = catalog();
    const auto created = with_worker(target.create(valid_draft(), {}, context()));
    ASSERT_TRUE(created);
    EXPECT_EQ(created->state, Written::State::accepted);
    EXPECT_EQ(created->product->name, "Chair");
}

TEST_F(CatalogTest, DoesNotWaitForAWorkerThatIsKnownToBeLate) {
    worker_works = false;
    settings.apply_wait = std::chrono::hours(1);
    pipeline.late = std::chrono::hours(2);
    auto target = catalog();
    EXPECT_EQ(with_worker(target.create(valid_draft(), {}, context()))->state, Written::State::accepted);
    pipeline = {};
    pipeline.down = true;
    EXPECT_EQ(with_worker(target.create(valid_draft(), {}, context()))->state, Written::State::accepted);
}

TEST_F(CatalogTest, CreateThatTheLogRefusesNamesTheId) {
    log.on_publish = [](const Record&) -> Result<> { return fail(unavailable("full")); };
    auto target = catalog();
    const auto created = with_worker(target.create(valid_draft(), {}, context()));
    ASSERT_FALSE(created);
    EXPECT_EQ(created.error().error.code, Errc::unavailable);
    EXPECT_TRUE(created.error().id);
}

TEST_F(CatalogTest, OversizedProductsArePublishedNowhere) {
    auto target = catalog();
    auto large = sample_draft();
    large.image_url = std::string(300 * 1024, 'x');
    EXPECT_EQ(with_worker(target.create(test::valid(large), {}, context())).error().error.code, Errc::out_of_range);
    EXPECT_EQ(records, 0);
}

TEST_F(CatalogTest, SameKeySameProductIsMadeOnce) {
    auto target = catalog();
    const auto first = with_worker(target.create(valid_draft(), "key", context()));
    const auto again = with_worker(target.create(valid_draft(), "key", context()));
    ASSERT_TRUE(again);
    EXPECT_EQ(again->product->id, first->product->id);
    EXPECT_EQ(again->product->version, Version{1});
    EXPECT_EQ(with_worker(target.create(valid_draft("Table"), "key", context())).error().error.code,
              Errc::already_exists);

    ASSERT_TRUE(with_worker(target.remove(first->product->id, {}, context())));
    EXPECT_EQ(with_worker(target.create(valid_draft(), "key", context())).error().error.code, Errc::not_found);
}

TEST_F(CatalogTest, UpdateLooksFirst) {
    auto target = catalog();
    EXPECT_EQ(with_worker(target.update(id_of(9), valid_draft(), {}, context())).error().code, Errc::not_found);
    EXPECT_EQ(records, 0);
    const auto id = stored_product();
    EXPECT_EQ(with_worker(target.update(id, valid_draft("Table"), {}, context()))->product->version, Version{2});
    EXPECT_EQ(with_worker(target.update(id, valid_draft(), Version{1}, context())).error().code, Errc::aborted);
    EXPECT_EQ(with_worker(target.update(id, valid_draft(), Version{2}, context()))->product->version, Version{3});
}

TEST_F(CatalogTest, ConditionalWriteIsNeverMerelyAccepted) {
    const auto id = stored_product();
    worker_works = false;
    records = 0;
    auto target = catalog();
    EXPECT_EQ(with_worker(target.update(id, valid_draft(), Version{1}, context())).error().code, Errc::unavailable);
    EXPECT_EQ(with_worker(target.update(id, valid_draft(), {}, context()))->state, Written::State::accepted);

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
    EXPECT_EQ(with_worker(target.update(id, valid_draft(), Version{1}, context())).error().code, Errc::unavailable);
    EXPECT_EQ(records, 0);
    EXPECT_EQ(with_worker(target.update(id, valid_draft(), {}, context()))->state, Written::State::accepted);
    EXPECT_EQ(with_worker(target.get(id, Freshness::stored, Deadline::max())).error().code, Errc::unavailable);
}

TEST_F(CatalogTest, SearchRefusesPagesOutOfRange) {
    auto target = catalog();
    const auto code = [&](std::int64_t page, std::int64_t size) {
        const auto found = await(target.search({.text = "x", .page = page, .size = size}, Deadline::max()));
        return found ? std::optional<Errc>{} : found.error().code;
    };
    EXPECT_EQ(code(1, 100), std::nullopt);
    EXPECT_EQ(code(100, 100), std::nullopt);
    const std::pair<std::int64_t, std::int64_t> refused[] = {
        {0, 10}, {-1, 10}, {1, 0}, {1, -1}, {1, 101}, {101, 100}, {INT64_MAX, 100}, {1, INT64_MAX}, {INT64_MIN, 1}};
    for (const auto& [page, size] : refused) EXPECT_EQ(code(page, size), Errc::invalid_argument) << page << ' ' << size;
}

TEST_F(CatalogTest, SearchRefusesATextThatIsLongerThanAllowed) {
    settings.search_text_max = 10;
    auto target = catalog();
    EXPECT_TRUE(await(target.search({.text = "0123456789"}, Deadline::max())));
    EXPECT_TRUE(await(target.search({.text = "ééééééééé"}, Deadline::max()))) << "characters, not bytes";
    const auto refused = await(target.search({.text = "0123456789a"}, Deadline::max()));
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().violations,
              (std::vector<Violation>{{"search", "length", "search must be at most 10 characters."}}));
    const auto hopeless = await(target.search({.text = std::string(1'501, 'x')}, Deadline::max()));
    ASSERT_TRUE(hopeless) << "no product could hold it";
    EXPECT_EQ(hopeless->total_count, 0);
}

TEST_F(CatalogTest, DirectWritesFollowTheSameRules) {
    DirectCatalog direct(applier, store, late_writes, clock, ids, 256 * 1024);
    const auto created = await(direct.create(valid_draft(), Deadline::max()));
    ASSERT_TRUE(created);
    const auto id = (*created)->id;
    const auto price_only = test::valid({.price = 99}, Required::given);
    EXPECT_EQ((*await(direct.update(id, price_only, {}, Deadline::max())))->price, 99);
    EXPECT_EQ(await(direct.update(id, price_only, Version{1}, Deadline::max())).error().code, Errc::aborted);
    EXPECT_EQ(await(direct.update(id_of(77), price_only, Version{1}, Deadline::max())).error().code, Errc::not_found);
    EXPECT_TRUE(await(direct.remove(id, Version{2}, Deadline::max())));
    EXPECT_EQ(await(direct.remove(id, {}, Deadline::max())).error().code, Errc::not_found);
}

}  // namespace
}  // namespace productd
