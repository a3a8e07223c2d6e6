// Measures consumption from Kafka: creates from three partitions of three replicas through KafkaMessageLog and the
// worker into a store that keeps nothing, with the service's defaults and its cache. Each step is a process of its own,
// so that none has another's memory or threads.
#include <fmt/format.h>
#include <sys/wait.h>

#include <CLI/CLI.hpp>
#include <csignal>
#include <iostream>
#include <thread>

#include "app/catalog/process_outcomes.hpp"
#include "app/worker/message_worker.hpp"
#include "bench_kafka_topics.hpp"
#include "bench_threads.hpp"
#include "outbound/memory/memory_product_cache.hpp"

using namespace productd;
using namespace productd::bench;

namespace {

constexpr std::chrono::minutes patience{5};

/// Has nothing and takes everything, where it is called.
class NullStore : public ProductStore {
public:
    Task<std::vector<Found>> find(std::vector<ProductId> ids, CallContext) override {
        co_return std::vector<Found>(ids.size(), Nothing{});
    }
    Task<std::vector<WriteOutcome>> write(std::vector<ProductWrite> writes, CallContext) override {
        co_return std::vector<WriteOutcome>(writes.size());
    }
    Task<SearchPage> search(SearchQuery, CallContext) override { throw std::logic_error("nobody searches here"); }
    Task<> check() override { co_return Result<>{}; }
};

struct Reading {
    Use use;
    std::map<std::string, ThreadUse> threads = thread_uses();
    MachineUse machine = machine_use();
};

/// Reads what was used when the first message comes, and when the last is finished.
class Watch final : public PipelineObserver {
public:
    explicit Watch(std::uint32_t messages) : messages_(messages) {}

    std::future<void> done() { return done_.get_future(); }
    Reading first, last;

    void received(ChangeKind, std::size_t) override {
        if (std::exchange(has_begun_, true)) return;
        first = {.use = stopwatch_.read()};
    }
    void finished(const WorkItem&, Ending ending, std::chrono::nanoseconds) override {
        is_clean_ = is_clean_ && ending == Ending::applied;
        if (++finished_ != messages_) return;
        last = {.use = stopwatch_.read()};
        if (is_clean_) return done_.set_value();
        done_.set_exception(std::make_exception_ptr(std::runtime_error("Not every message was applied at once.")));
    }
    void condemned(const WorkItem&, const Error&) override {}
    void batch(std::size_t, std::chrono::nanoseconds) override {}
    void retried(const Error&, std::span<const Item>) override { is_clean_ = false; }
    void log_failed(std::string_view operation, const Error& error) override {
        std::cerr << "bench_kafka_consume: " << operation << ": " << error.detail << "\n";
    }
    void parked_too_many(const TopicPartition&) override {}
    void rebalanced(Rebalance, std::size_t) override {}
    void breaker_changed(CircuitBreaker::State) override {}
    void gauges(const PipelineGauges&) override {}

private:
    std::uint32_t messages_;
    std::uint32_t finished_ = 0;
    bool has_begun_ = false;
    bool is_clean_ = true;
    std::promise<void> done_;
    Stopwatch stopwatch_;
};

void print(const Watch& watch, std::uint32_t messages) {
    const auto wall = watch.last.use.seconds - watch.first.use.seconds;
    const auto cpu = watch.last.use.cpu_seconds - watch.first.use.cpu_seconds;
    const auto ticks = watch.last.machine.all - watch.first.machine.all;
    const auto idle = (watch.last.machine.idle - watch.first.machine.idle) / ticks;
    const auto own = cpu / wall / std::thread::hardware_concurrency();
    fmt::print("{:>9.0f} messages/s  {:6.2f} µs CPU each  {:5.0f} MiB at most  first after {:.2f} s\n", messages / wall,
               cpu / messages * 1e6, memory_peak_mib(), watch.first.use.seconds);
    fmt::print("          processors: this process {:.0f} %, brokers and others {:.0f} %, idle {:.0f} %\n", own * 100,
               (1 - own - idle) * 100, idle * 100);
    const char* limit = "no thread of this process";
    for (auto [name, use] : watch.last.threads) {
        if (const auto before = watch.first.threads.find(name); before != watch.first.threads.end()) {
            use.ran -= before->second.ran;
            use.queued -= before->second.queued;
        }
        if (use.ran < 0.01 * wall) continue;
        fmt::print("          {:<15} {:6.2f} µs each, runs {:3.0f} % of the time, waits for a core {:3.0f} %\n", name,
                   use.ran / messages * 1e6, use.ran / wall * 100, use.queued / wall * 100);
        if (use.ran + use.queued > 0.9 * wall) limit = name == "worker" ? "the worker's thread" : "librdkafka";
    }
    fmt::print("          limited by {}\n", limit);
}

/// A group of its own reads all, from joining to the last commit.
void consume(const BenchTopics& topics, int round) {
    const auto config = topics.config(round);
    const auto log = expect(KafkaMessageLog::open(kafka_settings(config)));
    SystemClock clock;
    ProcessIds ids;
    ProcessOutcomes outcomes(ids, 1);
    NullStore store;
    MemoryProductCache cache(config.cache);
    ChangeApplier applier(store, cache, config.catalog.product_bytes_max);
    IoThreads loop("worker", 1);
    Watch watch(topics.messages());
    Tracer tracer;
    MessageWorker worker({*log, store, applier, outcomes, watch, clock, tracer}, worker_settings(config),
                         loop.executor());
    auto done = watch.done();
    auto ended = asio::co_spawn(loop.executor(), worker.run(), asio::use_future);
    const bool is_done = done.wait_for(patience) == std::future_status::ready;
    asio::post(loop.executor(), [&] { worker.stop(); });
    ended.get();
    if (!is_done) throw std::runtime_error("The worker did not finish.");
    done.get();
    const auto commits = asio::co_spawn(loop.executor(), log->commits(config.kafka.group), asio::use_future).get();
    std::int64_t committed = 0;
    for (const auto& [source, commit] : expect(commits)) committed += commit.offset;
    if (committed != topics.messages()) throw std::runtime_error("Not all that was applied was committed.");
    loop.stop();
    log->close({});
    print(watch, topics.messages());
}

template <class Step>
bool in_own_process(Step step) {
    std::cout.flush();
    std::fflush(stdout);
    const auto child = fork();
    if (child == 0) {
        std::signal(SIGINT, SIG_DFL);
        int code = 0;
        try {
            step();
        } catch (const std::exception& error) {
            std::cerr << "bench_kafka_consume: " << error.what() << "\n";
            code = 1;
        }
        std::fflush(stdout);
        std::_Exit(code);
    }
    int status = 0;
    return child > 0 && waitpid(child, &status, 0) == child && status == 0;
}

}  // namespace

int main(int argc, char** argv) {
    CLI::App app("Measures what the worker reads from Kafka into a store that keeps nothing");
    std::string brokers;
    std::uint32_t messages = 1'000'000;
    int rounds = 3;
    app.add_option("--brokers", brokers, "Topics and groups named bench-… are made there and deleted")->required();
    app.add_option("--messages", messages)->check(CLI::PositiveNumber);
    app.add_option("--rounds", rounds, "Each a group that reads all")->check(CLI::PositiveNumber);
    CLI11_PARSE(app, argc, argv);
    const BenchTopics topics(brokers, messages);
    std::signal(SIGINT, SIG_IGN);  // It ends the step; the topics are deleted all the same.
    if (!in_own_process([&] { topics.make(); })) return 1;
    bool is_fine = in_own_process([&] {
        const Stopwatch stopwatch;
        topics.fill();
        fmt::print("{} creates of {} bytes of JSON, {} partitions, 3 replicas; published at {:.0f} messages/s\n",
                   messages, topics.payload_bytes(), topic_specs(topics.config(0)).front().partitions,
                   messages / stopwatch.read().seconds);
    });
    int begun = 0;
    for (; is_fine && begun < rounds; ++begun) is_fine = in_own_process([&] { consume(topics, begun); });
    is_fine = in_own_process([&] { topics.remove(begun); }) && is_fine;
    return is_fine ? 0 : 1;
}
