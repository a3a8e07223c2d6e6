// Composes the worker as the service does, with the faults between. Calls the real worker, store, cache and log.
#include <fmt/format.h>

#include <boost/asio/use_future.hpp>
#include <future>

#include "app/process_outcomes.hpp"
#include "chaos/faulty_log.hpp"
#include "chaos/faulty_store.hpp"
#include "chaos/node.hpp"
#include "outbound/data_directory.hpp"
#include "outbound/memory_product_cache.hpp"
#include "outbound/sqlite_message_log.hpp"
#include "outbound/sqlite_product_store.hpp"
#include "runtime/io_threads.hpp"
#include "runtime/system_ports.hpp"

namespace productd::chaos {

namespace {

constexpr std::size_t product_bytes_max = 256 * 1024;
constexpr std::chrono::milliseconds look_again{20};

/// Counts how messages end; progress is anything that ended.
class Tally final : public PipelineObserver {
public:
    void received(ChangeKind, std::size_t messages) override { received_ += messages; }
    void finished(ChangeKind, Ending ending, std::chrono::nanoseconds) override {
        ++endings_[static_cast<std::size_t>(ending)];
        ++finished_;
    }
    void condemned(const Position&, const Error&) override {}
    void batch(std::size_t, std::chrono::nanoseconds) override { ++batches_; }
    void retried(const Error&, std::size_t) override {}
    void log_failed(std::string_view, const Error&) override { ++log_failures_; }
    void parked_too_many(const TopicPartition&) override {}
    void breaker_changed(CircuitBreaker::State state) override { opened_ += state == CircuitBreaker::State::open; }
    void gauges(const PipelineGauges&) override {}

    std::uint64_t finished_count() const { return finished_; }
    std::string json() const {
        return fmt::format(R"("received":{},"batches":{},"applied":{},"superseded":{},"refused":{},"dead_lettered":{},)"
                           R"("breaker_opened":{},"log_failures":{})",
                           received_, batches_, endings_[0], endings_[1], endings_[2], endings_[3], opened_,
                           log_failures_);
    }

private:
    std::uint64_t received_ = 0;
    std::uint64_t batches_ = 0;
    std::uint64_t finished_ = 0;
    std::uint64_t opened_ = 0;
    std::uint64_t log_failures_ = 0;
    std::array<std::uint64_t, 4> endings_{};
};

/// Whether the group has committed all of the source topics.
Task<bool> is_done(MessageLog& log, const WorkerSettings& worker) {
    auto topics = co_await log.describe();
    if (!topics) co_return fail(std::move(topics.error()));
    auto commits = co_await log.commits(worker.group);
    if (!commits) co_return fail(std::move(commits.error()));
    std::map<TopicPartition, std::int64_t> committed;
    for (const auto& [source, commit] : *commits) committed[source] = commit.offset;
    const auto& names = worker.topics;
    for (const auto& topic : *topics) {
        if (topic.topic != names.create && topic.topic != names.update && topic.topic != names.remove) continue;
        for (const auto& partition : topic.partitions) {
            if (committed[{topic.topic, partition.partition}] < partition.end) co_return false;
        }
    }
    co_return true;
}

/// True once everything is committed; false when nothing went on for the time of patience.
asio::awaitable<bool> wait_until_done(MessageLog& log, const Run& asked, const Tally& tally) {
    auto last_progress = Deadline::clock::now();
    std::uint64_t finished = 0;
    for (;;) {
        auto done = co_await is_done(log, asked.worker);
        if (done && *done) co_return true;
        const auto now = Deadline::clock::now();
        if (tally.finished_count() != finished) last_progress = now;
        finished = tally.finished_count();
        if (now - last_progress > asked.patience) co_return false;
        co_await sleep_until(now + look_again);
    }
}

}  // namespace

int run(Run asked) {
    auto directory = DataDirectory::open(asked.data);
    if (!directory) return 1;
    SqliteStoreSettings store_settings;
    store_settings.path = asked.data / "store.db";
    auto store = SqliteProductStore::open(store_settings);
    SqliteLogSettings log_settings;
    log_settings.path = asked.data / "log.db";
    log_settings.commit_delay = std::chrono::milliseconds{5};
    auto log = SqliteMessageLog::open(log_settings);
    if (!store || !log) return 1;

    History history(asked.faults.history, store_settings.path);
    FaultyStore faulty_store(**store, asked.faults);
    FaultyLog faulty_log(**log, asked.faults, history);
    MemoryProductCache cache(MemoryCacheSettings{});
    SystemClock clock;
    ProcessIds ids;
    ProcessOutcomes outcomes(ids, 100);
    ChangeApplier applier(faulty_store, cache, product_bytes_max);
    Tally tally;
    IoThreads loop("worker", 1);
    MessageWorker worker({faulty_log, applier, outcomes, tally, clock}, asked.worker, loop.executor());
    auto ended = asio::co_spawn(loop.executor(), worker.run(), asio::use_future);
    const bool done = asio::co_spawn(loop.executor(), wait_until_done(**log, asked, tally), asio::use_future).get();
    asio::post(loop.executor(), [&] { worker.stop(); });
    const bool stopped = ended.wait_for(std::chrono::seconds{20}) == std::future_status::ready;
    fmt::print("{{\"done\":{},\"stopped\":{},{},\"failed_calls\":{},\"failed_items\":{}}}\n", done, stopped,
               tally.json(), faulty_store.failed_calls(), faulty_store.failed_items());
    std::fflush(stdout);
    if (!stopped) std::_Exit(exit_stuck);
    (*log)->close();
    loop.stop();
    return done ? 0 : exit_stuck;
}

}  // namespace productd::chaos
