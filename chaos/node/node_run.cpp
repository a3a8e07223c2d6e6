// Composes the worker as the service does, with the faults between. Calls the real worker, store, cache and log.
#include <fmt/format.h>

#include <boost/asio/use_future.hpp>
#include <future>

#include "app/catalog/process_outcomes.hpp"
#include "chaos/node/faulty_log.hpp"
#include "chaos/node/faulty_store.hpp"
#include "chaos/node/node.hpp"
#include "chaos/node/tally.hpp"
#include "outbound/memory/memory_product_cache.hpp"
#include "outbound/mongo/mongo_product_store.hpp"
#include "outbound/sqlite/log/sqlite_message_log.hpp"
#include "outbound/sqlite/store/sqlite_product_store.hpp"
#include "runtime/data_directory.hpp"
#include "runtime/io_threads.hpp"
#include "runtime/system_ports.hpp"

namespace productd::chaos {

namespace {

constexpr std::size_t product_bytes_max = 256 * 1024;
constexpr std::chrono::milliseconds look_for_end{20};

enum class Ended { done, stuck, to_be_stopped };

std::unique_ptr<ProductStore> open_store(const Run& asked) {
    if (!asked.mongodb_uri.empty()) {
        MongoStoreSettings settings;
        settings.connection.uri = asked.mongodb_uri;
        settings.connection.database = asked.mongodb_database;
        auto store = MongoProductStore::open(settings);
        return store ? std::move(*store) : nullptr;
    }
    SqliteStoreSettings settings;
    settings.path = asked.data / "store.db";
    auto store = SqliteProductStore::open(settings);
    return store ? std::move(*store) : nullptr;
}

/// Whether the group has committed all of the source topics.
Task<bool> is_done(MessageLog& log, std::vector<TopicInfo> topics, WorkerSettings worker) {
    auto commits = co_await log.commits(worker.group);
    if (!commits) co_return fail(std::move(commits.error()));
    std::map<TopicPartition, std::int64_t> committed;
    for (const auto& [source, commit] : *commits) committed[source] = commit.offset;
    for (const auto& topic : topics) {
        if (!worker.topics.kind_of(topic.topic)) continue;
        for (const auto& partition : topic.partitions) {
            if (committed[{topic.topic, partition.partition}] < partition.end) co_return false;
        }
    }
    co_return true;
}

/// Follows the worker from its own thread until it is to stop, and lifts the fault of one product once the others are
/// finished. Where nothing went on for the time of patience it lifts that too: the oracle reads how far the others
/// were.
class Watch {
public:
    Watch(MessageLog& log, Run& asked, const Tally& tally, const FaultyStore& store, History& history)
        : log_(log), asked_(asked), tally_(tally), store_(store), history_(history) {}

    asio::awaitable<Ended> wait() {
        last_progress_ = Deadline::clock::now();
        for (;;) {
            auto topics = co_await log_.describe({});
            Result<bool> done = false;
            if (topics) done = co_await is_done(log_, *topics, asked_.worker);
            if (done && *done && tally_.in_flight() == 0) co_return Ended::done;
            if (asked_.stop_when_hanging && store_.hung_calls() > 0) co_return Ended::to_be_stopped;
            const auto now = Deadline::clock::now();
            if (std::exchange(finished_, tally_.finished_count()) != tally_.finished_count()) last_progress_ = now;
            const bool out_of_patience = now - last_progress_ > asked_.patience;
            const bool others_are_finished = finished_ >= asked_.faults.others_finished_at;
            if (topics && is_held() && (others_are_finished || out_of_patience)) {
                lift(*topics);
            } else if (out_of_patience) {
                co_return Ended::stuck;
            }
            co_await sleep_until(now + look_for_end);
        }
    }

private:
    bool is_held() const { return asked_.faults.others_finished_at > 0 && !asked_.faults.is_lifted; }

    void lift(const std::vector<TopicInfo>& topics) {
        auto& faults = asked_.faults;
        const auto& product = faults.blocked ? faults.blocked : faults.hanging;
        if (product) history_.note_lifted(*product, topics, faults.dead_letters);
        faults.is_lifted = true;
        last_progress_ = Deadline::clock::now();
    }

    MessageLog& log_;
    Run& asked_;
    const Tally& tally_;
    const FaultyStore& store_;
    History& history_;
    Deadline last_progress_{};
    std::uint64_t finished_ = 0;
};

}  // namespace

int run(Run asked) {
    auto directory = DataDirectory::open(asked.data);
    if (!directory) return 1;
    auto store = open_store(asked);
    SqliteLogSettings log_settings;
    log_settings.path = asked.data / "log.db";
    log_settings.commit_delay = std::chrono::milliseconds{5};
    auto log = SqliteMessageLog::open(log_settings);
    if (!store || !log) return 1;

    History history(asked.faults.history, asked.mongodb_uri.empty() ? sqlite_journal(asked.data / "store.db")
                                                                    : mongo_journal(asked.mongodb_journal));
    FaultyStore faulty_store(*store, asked.faults);
    FaultyLog faulty_log(**log, asked.faults, history);
    MemoryProductCache cache(MemoryCacheSettings{});
    SystemClock clock;
    ProcessIds ids;
    ProcessOutcomes outcomes(ids, 100);
    ChangeApplier applier(faulty_store, cache, product_bytes_max);
    Tally tally;
    Watch watch(**log, asked, tally, faulty_store, history);
    IoThreads loop("worker", 1);
    Tracer tracer;
    MessageWorker worker({faulty_log, faulty_store, applier, outcomes, tally, clock, tracer}, asked.worker,
                         loop.executor());
    auto ended = asio::co_spawn(loop.executor(), worker.run(), asio::use_future);
    const auto why = asio::co_spawn(loop.executor(), watch.wait(), asio::use_future).get();
    asio::post(loop.executor(), [&] { worker.stop(); });
    const bool stopped = ended.wait_for(asked.patience) == std::future_status::ready;
    fmt::print(R"({{"done":{},"stopped":{},{},"failed_calls":{},"failed_items":{},"hung_calls":{},)"
               R"("letters_refused":{},"rebalances":{}}})"
               "\n",
               why == Ended::done, stopped, tally.json(), faulty_store.failed_calls(), faulty_store.failed_items(),
               faulty_store.hung_calls(), asked.faults.letters_refused, asked.faults.rebalances);
    std::fflush(stdout);
    if (!stopped) std::_Exit(exit_stuck);
    (*log)->close({});
    loop.stop();
    if (why == Ended::to_be_stopped) return exit_stopped;
    return why == Ended::done ? 0 : exit_stuck;
}

}  // namespace productd::chaos
