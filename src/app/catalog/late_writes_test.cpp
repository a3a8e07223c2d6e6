// A write that was given up, and comes all the same.
#include "app/catalog/late_writes.hpp"

#include <gtest/gtest.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/use_future.hpp>
#include <future>

#include "app/catalog/direct_catalog.hpp"
#include "fakes/fake_ports.hpp"
#include "fakes/sample_product.hpp"

namespace productd {
namespace {

using namespace test;
using namespace std::chrono_literals;

class LateWritesTest : public ::testing::Test {
protected:
    asio::io_context loop{1};
    FakeClock clock;
    FakeIds ids;
    FakeProductStore store;
    FakeProductCache cache;
    ChangeApplier applier{store, cache, 256 * 1024};
    LateWrites late{store, cache, loop.get_executor(), {.pause_min = 1ms, .looks = 6}};
    DirectCatalog direct{applier, store, late, clock, ids, 256 * 1024};
    const ProductId chair = id_of(7);
    std::future<void> ended;

    LateWritesTest() {
        store.stored[chair] = with_version(1);
        cache.entries[chair] = cached(with_version(1));
        ended = asio::co_spawn(loop, late.run(), asio::use_future);
    }
    ~LateWritesTest() override {
        late.stop();
        loop.run();
        ended.get();
    }

    static StoredProduct with_version(std::int64_t version) {
        return {Product{.id = id_of(7), .name = "Chair", .version = {version}}, {}};
    }
    /// An update whose call breaks off.
    void lose_a_write() {
        store.on_call = [](std::string_view call) -> Result<> {
            return call == "write" ? fail(unavailable("cut off")) : Result<>{};
        };
        std::optional<Result<ProductPtr>> answer;
        asio::co_spawn(loop, direct.update(chair, valid({.price = 99}, Required::given), {}, Deadline::max()),
                       [&](std::exception_ptr, Result<ProductPtr> result) { answer = std::move(result); });
        while (!answer) loop.run_one();
        ASSERT_FALSE(*answer);
        EXPECT_FALSE(cache.peek(chair).hit);
    }
    /// Runs until the store has been asked `finds` times more.
    void run_for(int finds) {
        const auto until = store.finds + finds;
        while (store.finds < until) loop.run_one();
        loop.poll();
    }
};

TEST_F(LateWritesTest, LeavesNothingOlderInTheCacheThoughItWasReadInBetween) {
    lose_a_write();
    cache.entries[chair] = cached(with_version(1));  // A reader was faster than the write.
    run_for(1);
    EXPECT_TRUE(cache.peek(chair).hit) << "it is what is stored";
    store.stored[chair] = with_version(2);  // There it is.
    run_for(1);
    EXPECT_FALSE(cache.peek(chair).hit);
}

TEST_F(LateWritesTest, EndsAfterSomeLooksThatTheStoreAnswered) {
    store.on_call = [this](std::string_view) -> Result<> {
        return store.finds < 10 ? fail(unavailable("down")) : Result<>{};
    };
    late.expect(chair);
    run_for(15);
    const auto looked = store.finds;
    late.stop();
    loop.run();
    EXPECT_EQ(store.finds, looked);
    EXPECT_EQ(looked, 15);
}

}  // namespace
}  // namespace productd
