// Two instances on one log, one store and one Redis, with random clients on both and a checker beside them; Redis is
// killed, frozen, flushed and cut off meanwhile. PRODUCTD_INSTANCES_SECONDS=600 for a long run.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <atomic>
#include <iostream>
#include <random>

#include "fakes/await.hpp"
#include "fakes/sample_product.hpp"
#include "outbound/sqlite/log/sqlite_message_log.hpp"
#include "stack/instance.hpp"
#include "stack/mongo_server.hpp"
#include "stack/own_redis.hpp"
#include "stack/torment.hpp"
#include "stack/visibility.hpp"

namespace productd::test {
namespace {

using std::chrono::milliseconds;

/// Beyond the second of a heartbeat and the time-out of a call, with room for a loaded machine.
constexpr milliseconds lag_max{8'000};
constexpr std::size_t slots = 24;

struct Item {
    explicit Item(ProductId given) : id(given) {}
    ProductId id;
    std::atomic<bool> deletion_began{false};
    VisibilityOf visibility;
};

ValidDraft some_draft(std::mt19937& random) {
    return test::valid({.category_id = {},
                        .name = "Lamp " + std::to_string(random() % 1'000),
                        .description = std::string(3 + random() % 300, 'x'),
                        .price = static_cast<double>(1 + random() % 10'000) / 100,
                        .image_url = {},
                        .photos = {},
                        .quantity = static_cast<std::int64_t>(random() % 100),
                        .rating = 3});
}

class Trial {
public:
    explicit Trial(const RedisCacheSettings& redis) {
        const auto mongo = mongo_connection();
        log_ = SqliteMessageLog::open({.path = folder_ / "log.db"}).value();
        std::vector<TopicSpec> specs;
        for (const auto& name : TopicNames{}.all()) specs.push_back({name, 4});
        await(log_->create(specs)).value();
        for (int number = 0; number < 2; ++number) {
            instances_.push_back(std::make_unique<Instance>(*log_, mongo, redis, number, 2));
        }
        for (auto& instance : instances_) {
            RedisCacheInstance::wait_for(
                [&] { return instance->cache().stats().is_up && instance->outcomes().hearing() != Hearing::none; });
        }
    }
    ~Trial() {
        instances_.clear();
        log_->close({});
    }

    /// Clients on both instances for so long.
    void run(std::chrono::milliseconds length) {
        end_ = std::chrono::steady_clock::now() + length;
        std::vector<std::future<void>> clients;
        for (int number = 0; number < 2; ++number) {
            const auto executors = instances_[static_cast<std::size_t>(number)]->executors();
            for (unsigned n = 0; n < 16; ++n) {
                const auto seed = ++clients_;
                auto task = n < 4 ? write(number, seed) : read(number, seed);
                clients.push_back(asio::co_spawn(executors[n % 2], std::move(task), asio::use_future));
            }
        }
        for (auto& client : clients) client.get();
    }

    void report(const char* what) {
        const std::scoped_lock lock(mutex_);
        std::ranges::sort(lags_);
        const auto at = [&](double share) {
            return lags_.empty() ? 0.0 : lags_[static_cast<std::size_t>(static_cast<double>(lags_.size() - 1) * share)];
        };
        std::cout << fmt::format(
            "{}: {} reads, {} with no-cache; {} writes applied, {} accepted, {} failed; {} reads behind the other "
            "instance, by {:.2f} ms in the middle, {:.2f} ms at the 99th percentile, {:.2f} ms at most\n",
            what, reads_.exchange(0), fresh_.exchange(0), applied_.exchange(0), accepted_.exchange(0),
            failed_.exchange(0), lags_.size(), at(0.5), at(0.99), at(1));
        lags_.clear();
    }
    Instance& instance(std::size_t number) { return *instances_[number]; }
    std::vector<std::string> wrong() {
        const std::scoped_lock lock(mutex_);
        return wrong_;
    }

private:
    static RequestContext context() { return {std::chrono::steady_clock::now() + std::chrono::seconds(5), {}}; }

    std::shared_ptr<Item> any_item(std::mt19937& random) {
        const std::scoped_lock lock(mutex_);
        return items_[random() % items_.size()];
    }
    void note(int instance, Item& item, const Result<Written>& written, bool removed) {
        if (!written) return void(++failed_);
        if (written->state == Written::State::accepted) return void(++accepted_);
        ++applied_;
        item.visibility.applied(instance, removed ? VisibilityOf::gone : written->product->version.value);
    }

    asio::awaitable<void> write(int number, unsigned seed) {
        std::mt19937 random(seed);
        auto& catalog = instances_[static_cast<std::size_t>(number)]->catalog();
        while (std::chrono::steady_clock::now() < end_) {
            const auto item = any_item(random);
            if (!item || random() % 50 == 0) {
                co_await replace(number, random);
            } else {
                auto written = co_await catalog.update(item->id, some_draft(random), {}, context());
                note(number, *item, written, false);
            }
            co_await sleep_until(std::chrono::steady_clock::now() + milliseconds(random() % 5));
        }
    }

    /// A product in another's place, which is deleted.
    asio::awaitable<void> replace(int number, std::mt19937& random) {
        auto& catalog = instances_[static_cast<std::size_t>(number)]->catalog();
        auto created = co_await catalog.create(some_draft(random), {}, context());
        if (!created || created->state != Written::State::applied) co_return;
        ++applied_;
        auto made = std::make_shared<Item>(created->product->id);
        made->visibility.applied(number, created->product->version.value);
        std::shared_ptr<Item> old;
        {
            const std::scoped_lock lock(mutex_);
            old = std::exchange(items_[random() % slots], made);
            if (old) items_[slots + random() % slots] = old;  // Still read, and still written in vain.
        }
        if (!old || old->deletion_began.exchange(true)) co_return;
        auto removed = co_await catalog.remove(old->id, {}, context());
        note(number, *old, removed, true);
    }

    asio::awaitable<void> read(int number, unsigned seed) {
        std::mt19937 random(seed);
        auto& catalog = instances_[static_cast<std::size_t>(number)]->catalog();
        const auto executor = co_await asio::this_coro::executor;
        while (std::chrono::steady_clock::now() < end_) {
            co_await asio::post(executor, asio::use_awaitable);
            const auto item = any_item(random);
            if (!item) continue;
            const bool no_cache = random() % 20 == 0;
            const auto floor = item->visibility.floor(number, lag_max);
            std::optional<Result<ProductPtr>> product;
            if (!no_cache) product = catalog.peek(item->id);
            if (!product)
                product = co_await catalog.get(item->id, no_cache ? Freshness::stored : Freshness::cached,
                                               context().deadline);
            judge(number, *item, floor, no_cache, *product);
        }
    }

    void judge(int number, Item& item, const VisibilityOf::Floor& floor, bool no_cache,
               const Result<ProductPtr>& product) {
        ++reads_;
        if (no_cache) ++fresh_;
        if (!product && product.error().code != Errc::not_found) return void(++failed_);
        const auto absent = item.deletion_began ? VisibilityOf::gone : 0;
        const auto version = product ? (*product)->version.value : absent;
        const auto why = item.visibility.judge(number, floor, no_cache, version);
        const auto lag = item.visibility.lag(floor, version);
        const std::scoped_lock lock(mutex_);
        if (!no_cache && lag.count() > 0) lags_.push_back(lag.count());
        if (why.empty() || wrong_.size() >= 20) return;
        wrong_.push_back(fmt::format("instance {} showed {} at version {}: {}", number, item.id.hex(), version, why));
    }

    TempFolder folder_;
    std::unique_ptr<SqliteMessageLog> log_;
    std::vector<std::unique_ptr<Instance>> instances_;
    std::chrono::steady_clock::time_point end_;
    unsigned clients_ = 0;
    std::atomic<int> reads_{0}, fresh_{0}, applied_{0}, accepted_{0}, failed_{0};
    std::mutex mutex_;
    std::vector<std::shared_ptr<Item>> items_ = std::vector<std::shared_ptr<Item>>(2 * slots);
    std::vector<double> lags_;
    std::vector<std::string> wrong_;
};

std::chrono::seconds length() {
    const char* given = std::getenv("PRODUCTD_INSTANCES_SECONDS");  // NOLINT(concurrency-mt-unsafe): one thread.
    return std::chrono::seconds(given ? std::stoi(given) : 20);
}

TEST(Instances, ReadsNeverGoBackWhateverRedisDoes) {
    OwnRedis redis;
    auto settings = redis.cache_settings();
    settings.redis.timeout = milliseconds(500);
    Trial trial(settings);
    trial.run(milliseconds(length()) / 4);
    trial.report("Redis answers");
    EXPECT_GT(trial.instance(0).outcomes().stats().received, 0u) << "nothing was told over instances";
    EXPECT_GT(trial.instance(1).cache().stats().invalidations, 0u);
    {
        std::jthread tormentor([&](std::stop_token ended) { Torment(redis, std::move(ended)).run(); });
        trial.run(milliseconds(length()) * 3 / 4);
    }
    trial.report("Redis is killed, frozen, flushed and cut off");
    EXPECT_GT(trial.instance(0).cache().stats().failures, 0u) << "nothing was tormented";
    for (const auto& wrong : trial.wrong()) ADD_FAILURE() << wrong;
}

}  // namespace
}  // namespace productd::test
