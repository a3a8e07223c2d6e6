// Creates from a SQLite log through the worker into a store, composed as the service does. Calls the real worker,
// cache, log and stores.
#include <fmt/format.h>
#include <pthread.h>

#include <boost/asio/use_future.hpp>
#include <filesystem>
#include <fstream>
#include <future>
#include <map>

#include "app/catalog/process_outcomes.hpp"
#include "app/worker/message_worker.hpp"
#include "bench_mongo_database.hpp"
#include "bench_products.hpp"
#include "outbound/memory/memory_product_cache.hpp"
#include "outbound/sqlite/log/sqlite_message_log.hpp"
#include "outbound/sqlite/store/sqlite_product_store.hpp"
#include "runtime/io_threads.hpp"
#include "runtime/system_ports.hpp"

namespace productd::bench {

namespace {

constexpr std::chrono::minutes patience{5};
constexpr std::array parts{"worker", "log", "store"};

/// Threads are named after their part, with what they do in it behind a hyphen.
std::string part_of(const std::string& thread) {
    auto part = thread.substr(0, thread.find('-'));
    return part == "mongo" ? "store" : part;
}

/// The processors' time by the parts that this process's threads belong to.
std::map<std::string, double> thread_cpu_seconds() {
    std::map<std::string, double> used;
    for (const auto& task : std::filesystem::directory_iterator("/proc/self/task")) {
        std::string name;
        double nanoseconds = 0;
        std::getline(std::ifstream(task.path() / "comm"), name);
        std::ifstream(task.path() / "schedstat") >> nanoseconds;
        used[part_of(name)] += nanoseconds * 1e-9;
    }
    return used;
}

struct PipelineFigures {
    double per_second = 0, cpu = 0;  ///< CPU in microseconds a message.
    std::map<std::string, double> cpu_of;
};

/// Measures from its making until the last message is finished.
class Finish final : public PipelineObserver {
public:
    explicit Finish(std::uint32_t messages) : messages_(messages), threads_(thread_cpu_seconds()) {}

    std::future<PipelineFigures> figures() { return figures_.get_future(); }

    void received(ChangeKind, std::size_t) override {}
    void finished(const WorkItem&, Ending ending, std::chrono::nanoseconds) override {
        is_clean_ = is_clean_ && ending == Ending::applied;
        if (++finished_ == messages_) tell();
    }
    void condemned(const WorkItem&, const Error&) override {}
    void batch(std::size_t, std::chrono::nanoseconds) override {}
    void retried(const Error&, std::span<const Item>) override { is_clean_ = false; }
    void log_failed(std::string_view, const Error&) override { is_clean_ = false; }
    void parked_too_many(const TopicPartition&) override {}
    void rebalanced(Rebalance, std::size_t) override {}
    void breaker_changed(CircuitBreaker::State) override {}
    void gauges(const PipelineGauges&) override {}

private:
    void tell() {
        const auto use = watch_.read();
        if (!is_clean_) {
            return figures_.set_exception(
                std::make_exception_ptr(std::runtime_error("Not every message was applied at once.")));
        }
        PipelineFigures figures{messages_ / use.seconds, use.cpu_seconds / messages_ * 1e6, thread_cpu_seconds()};
        for (auto& [name, seconds] : figures.cpu_of) seconds = (seconds - threads_[name]) / messages_ * 1e6;
        figures_.set_value(std::move(figures));
    }

    std::uint32_t messages_;
    std::uint32_t finished_ = 0;
    bool is_clean_ = true;
    std::promise<PipelineFigures> figures_;
    std::map<std::string, double> threads_;
    Stopwatch watch_;
};

class TemporaryFolder {
public:
    TemporaryFolder() { std::filesystem::create_directories(path_); }
    ~TemporaryFolder() { std::filesystem::remove_all(path_); }
    TemporaryFolder(const TemporaryFolder&) = delete;
    TemporaryFolder& operator=(const TemporaryFolder&) = delete;

    const std::filesystem::path& path() const { return path_; }

private:
    std::filesystem::path path_ = std::filesystem::temp_directory_path() / fmt::format("bench-mongo-{}", getpid());
};

void publish(SqliteMessageLog& log, std::uint32_t messages) {
    IoThreads loop("publish", 1);
    const auto wait_for = [&](auto task) {
        return expect(asio::co_spawn(loop.executor(), std::move(task), asio::use_future).get());
    };
    wait_for(log.create(topic_specs(Config{})));
    std::vector<Record> records;
    std::size_t bytes = 0;
    for (std::uint32_t number = 0; number < messages; ++number) {
        Change change{.kind = ChangeKind::create, .id = id_of(number), .draft = draft_of(number, 0)};
        change.time = SystemClock().now();
        records.push_back(encode_event(TopicNames{}.create, {change, {}, {}}));
        bytes += records.back().value->size();
        if (records.size() < 1'000 && number + 1 < messages) continue;
        for (auto& result : wait_for(log.publish(std::exchange(records, {})))) expect(std::move(result));
    }
    fmt::print("\npipeline: {} creates of {} bytes of JSON from the log through the worker\n\n", messages,
               bytes / messages);
}

/// A group of its own reads all of the log.
PipelineFigures work(SqliteMessageLog& log, ProductStore& store, const MongoLoad& load) {
    static int groups = 0;
    const Config config;
    auto settings = worker_settings(config);
    settings.group = fmt::format("bench_{}", ++groups);
    SystemClock clock;
    ProcessIds ids;
    ProcessOutcomes outcomes(ids, 1);
    MemoryProductCache cache(config.cache);
    ChangeApplier applier(store, cache, config.catalog.product_bytes_max);
    IoThreads loop("worker", 1);
    Finish finish(load.messages);
    Tracer tracer;
    MessageWorker worker({log, store, applier, outcomes, finish, clock, tracer}, settings, loop.executor());
    auto figures = finish.figures();
    auto ended = asio::co_spawn(loop.executor(), worker.run(), asio::use_future);
    const bool is_done = figures.wait_for(patience) == std::future_status::ready;
    asio::post(loop.executor(), [&] { worker.stop(); });
    ended.get();
    loop.stop();
    if (!is_done) throw std::runtime_error("The worker did not finish.");
    return figures.get();
}

PipelineFigures over_mongo(SqliteMessageLog& log, const MongoLoad& load) {
    const MongoDatabase database(load);
    const auto store = expect(MongoProductStore::open(database.settings()));
    return work(log, *store, load);
}

PipelineFigures over_sqlite(SqliteMessageLog& log, const MongoLoad& load, const std::filesystem::path& folder) {
    std::filesystem::create_directory(folder);
    Config config;
    config.data.dir = folder.string();
    auto store = expect(SqliteProductStore::open(store_settings(config)));
    auto figures = work(log, *store, load);
    store.reset();
    std::filesystem::remove_all(folder);
    return figures;
}

void print(const char* name, const std::vector<PipelineFigures>& all) {
    const auto middle = [&](auto value) {
        std::vector<double> values;
        values.reserve(all.size());
        for (const auto& one : all) values.push_back(value(one));
        return median(std::move(values));
    };
    fmt::print("{:20} {:>10.0f} {:>11.1f}  ", name, middle([](auto& one) { return one.per_second; }),
               middle([](auto& one) { return one.cpu; }));
    for (const auto* part : parts) {
        fmt::print(" {:>7.1f}", middle([&](auto& one) {
                       const auto found = one.cpu_of.find(part);
                       return found == one.cpu_of.end() ? 0 : found->second;
                   }));
    }
    fmt::print("\n");
}

}  // namespace

void measure_pipeline(const MongoLoad& load) {
    const TemporaryFolder folder;
    Config config;
    config.data.dir = folder.path().string();
    const auto log = expect(SqliteMessageLog::open(log_settings(config)));
    publish(*log, load.messages);
    std::vector<PipelineFigures> mongo, sqlite;
    over_mongo(*log, load);  // The server's compiler warms up.
    for (int round = 0; round < load.rounds; ++round) {
        mongo.push_back(over_mongo(*log, load));
        sqlite.push_back(over_sqlite(*log, load, folder.path() / "store"));
    }
    fmt::print("{:20} {:>10} {:>12}  = {:>6} {:>7} {:>7} threads\n", "", "messages/s", "µs CPU each", "worker", "log",
               "store");
    print("MongoProductStore", mongo);
    print("SqliteProductStore", sqlite);
}

}  // namespace productd::bench
