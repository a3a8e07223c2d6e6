// Reads that share a flight, and those that must not.
#include "app/catalog/read_through.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/asio/io_context.hpp>

#include "fakes/fake_ports.hpp"
#include "fakes/sample_product.hpp"

namespace productd {
namespace {

using namespace test;

TEST(ReadThrough, AsksTheStoreOnceForAllWhoMissTogether) {
    FakeProductStore store;
    FakeProductCache cache;
    store.stored[id_of(1)] = StoredProduct{Product{.id = id_of(1), .version = Version{1}}, {}};
    AdaptiveLimit limit(std::chrono::seconds(0));
    ReadThrough reader(store, cache, limit);
    asio::io_context context(1);
    int answered = 0;
    for (int n = 0; n < 10; ++n) {
        asio::co_spawn(
            context, reader.get(id_of(1), Deadline::max()),
            [&](std::exception_ptr, Result<CachedProduct> found) { answered += found && found->product ? 1 : 0; });
    }
    context.run();
    EXPECT_EQ(answered, 10);
    EXPECT_LE(store.finds, 2);
}

TEST(ReadThrough, AReadThatThrowsLeavesNobodyBehind) {
    asio::io_context context(1);
    Signal go(context.get_executor());
    struct ThrowingStore : FakeProductStore {
        Signal& go;
        explicit ThrowingStore(Signal& signal) : go(signal) {}
        Task<std::vector<Found>> find(std::vector<ProductId> ids, CallContext) override {
            if (++finds > 1) co_return std::vector<Found>(ids.size());
            co_await go.wait();
            throw std::runtime_error("out of memory");
        }
    } store(go);
    FakeProductCache cache;
    AdaptiveLimit limit(std::chrono::seconds(0));
    ReadThrough reader(store, cache, limit);
    int thrown = 0, answered = 0;
    const auto count = [&](std::exception_ptr error, const Result<CachedProduct>& found) {
        thrown += error ? 1 : 0;
        answered += !error && found ? 1 : 0;
    };
    for (int n = 0; n < 2; ++n) asio::co_spawn(context, reader.get(id_of(1), Deadline::max()), count);
    context.poll();
    go.notify();
    asio::co_spawn(context, reader.get(id_of(1), Deadline::max()), count);
    context.run();
    EXPECT_EQ(thrown, 1);
    EXPECT_EQ(answered, 2);
}

/// A cache that never holds anything, so that every read is a flight.
struct EmptyCache : FakeProductCache {
    CacheLookup peek(const ProductId&) override { return {std::nullopt, {puts}}; }
};

TEST(ReadThrough, DoesNotJoinAReadThatBeganBeforeAPut) {
    FakeProductStore store;
    EmptyCache cache;
    asio::io_context context(1);
    Signal go(context.get_executor());
    AdaptiveLimit limit(std::chrono::seconds(0));
    ReadThrough reader(store, cache, limit);
    int finds = 0;
    store.stored[id_of(1)] = StoredProduct{Product{.id = id_of(1), .version = Version{1}}, {}};
    // The first read takes what is stored and is held up; meanwhile version 2 is written and put.
    struct SlowStore : FakeProductStore {
        FakeProductStore& inner;
        Signal& go;
        int& finds;
        SlowStore(FakeProductStore& store, Signal& signal, int& count) : inner(store), go(signal), finds(count) {}
        Task<std::vector<Found>> find(std::vector<ProductId> ids, CallContext context) override {
            auto found = co_await inner.find(ids, context);
            if (++finds == 1) co_await go.wait();
            co_return found;
        }
    } slow(store, go, finds);
    AdaptiveLimit slow_limit(std::chrono::seconds(0));
    ReadThrough slow_reader(slow, cache, slow_limit);
    std::optional<Version> first, second;
    asio::co_spawn(context, slow_reader.get(id_of(1), Deadline::max()),
                   [&](std::exception_ptr, Result<CachedProduct> found) { first = found->version; });
    context.poll();
    store.stored[id_of(1)] = StoredProduct{Product{.id = id_of(1), .version = Version{2}}, {}};
    ++cache.puts;
    asio::co_spawn(context, slow_reader.get(id_of(1), Deadline::max()),
                   [&](std::exception_ptr, Result<CachedProduct> found) {
                       second = found->version;
                       go.notify();
                   });
    context.run();
    EXPECT_EQ(first, Version{1});
    EXPECT_EQ(second, Version{2});
}

TEST(ReadThrough, WhoSharesAReadThatRanOutOfItsTimeReadsAgainInItsOwn) {
    asio::io_context context(1);
    FakeProductCache cache;
    struct HastyStore : FakeProductStore {
        Signal late;
        std::vector<Deadline> asked;
        explicit HastyStore(const asio::any_io_executor& executor) : late(executor) {}
        Task<std::vector<Found>> find(std::vector<ProductId>, CallContext context) override {
            asked.push_back(context.deadline);
            if (asked.size() > 1) co_return std::vector<Found>{Stored{Nothing{}}};
            co_await late.wait();
            co_return fail(Errc::deadline_exceeded, "The store took too long.");
        }
    } store(context.get_executor());
    AdaptiveLimit limit(std::chrono::seconds(0));
    ReadThrough reader(store, cache, limit);
    const Deadline soon{std::chrono::seconds(1)}, later{std::chrono::seconds(2)};
    std::vector<Errc> told;
    const auto note = [&](std::exception_ptr, const Result<CachedProduct>& found) {
        told.push_back(found ? Errc::unknown : found.error().code);
    };
    asio::co_spawn(context, reader.get(id_of(1), soon), note);
    asio::co_spawn(context, reader.get(id_of(1), later), note);
    context.poll();
    EXPECT_EQ(store.asked.size(), 1u) << "they share it";
    store.late.notify();
    context.run();
    EXPECT_THAT(told, testing::UnorderedElementsAre(Errc::deadline_exceeded, Errc::unknown));
    EXPECT_THAT(store.asked, testing::ElementsAre(soon, later));
}

}  // namespace
}  // namespace productd
