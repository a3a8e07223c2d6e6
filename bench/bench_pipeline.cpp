// Measures the worker over a log and a store in memory: bench_pipeline [seconds a run] [runs] [milliseconds a bulk
// call…]. First saturated, then at 50 and 80 % of that, where latency counts from when a message was meant to be sent.
#include <fmt/format.h>
#include <sys/resource.h>

#include <algorithm>
#include <boost/asio/io_context.hpp>
#include <cstring>
#include <fstream>

#include "app/worker/message_worker.hpp"
#include "bench_pipeline_store.hpp"
#include "bench_pipeline_watch.hpp"
#include "outbound/memory/memory_product_cache.hpp"

using namespace productd;
using namespace productd::bench;

namespace {

constexpr std::chrono::milliseconds warm_up{500};
constexpr std::chrono::seconds catch_up_max{20};

double thread_cpu_seconds() {
    rusage used{};
    getrusage(RUSAGE_THREAD, &used);
    const auto seconds = [](const timeval& time) {
        return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) * 1e-6;
    };
    return seconds(used.ru_utime) + seconds(used.ru_stime);
}

/// How long this thread was ready to run while others had the processors; 0 where the system does not tell.
double thread_queued_seconds() {
    double ran = 0, queued = 0;
    std::ifstream("/proc/thread-self/schedstat") >> ran >> queued;
    return queued * 1e-9;
}

void rethrow(std::exception_ptr error) {
    if (error) std::rethrow_exception(error);
}

template <class Number>
double quantile(std::vector<Number>& values, double share) {
    if (values.empty()) return 0;
    const auto at = std::min(values.size() - 1, static_cast<std::size_t>(static_cast<double>(values.size()) * share));
    std::ranges::nth_element(values, values.begin() + static_cast<std::ptrdiff_t>(at));
    return static_cast<double>(values[at]);
}

/// What a run found; times in microseconds a message, or milliseconds.
struct Figures {
    double per_second = 0;
    double busy = 0, robbed = 0;  ///< Shares of the time: running, and ready to run but others ran.
    double cpu = 0, cpu_log = 0, cpu_store = 0;
    double p50 = 0, p99 = 0, p999 = 0;
    double batch_p50 = 0, batch_mean = 0, batch_most = 0;
    double calls = 0;      ///< Bulk calls at a time, on average.
    double in_flight = 0;  ///< Messages, on average over the worker's reports.
};
constexpr std::array members{&Figures::per_second, &Figures::busy,      &Figures::robbed,     &Figures::cpu,
                             &Figures::cpu_log,    &Figures::cpu_store, &Figures::p50,        &Figures::p99,
                             &Figures::p999,       &Figures::batch_p50, &Figures::batch_mean, &Figures::batch_most,
                             &Figures::calls,      &Figures::in_flight};

class WallClock : public Clock {
public:
    Timestamp now() const override {
        return std::chrono::floor<std::chrono::milliseconds>(std::chrono::system_clock::now());
    }
};

/// One run on one thread: the worker's, with the log and the store on it.
class Run {
public:
    Run(const Load& load, Delays delays, double rate, std::chrono::milliseconds length)
        : schedule_{.rate = rate}, length_(length), store_(delays), log_(load, schedule_), watch_(load, schedule_) {}

    Figures figures() {
        asio::co_spawn(context_, worker_.run(), rethrow);
        asio::co_spawn(context_, measure(), rethrow);
        context_.run();
        if (watch_.other > 0 || store_.changes() != watch_.applied) {
            throw std::runtime_error("What the worker says it applied is not what the store has.");
        }
        return figures_;
    }

private:
    struct Reading {
        Steady::time_point time = Steady::now();
        double cpu = thread_cpu_seconds();
        double queued = thread_queued_seconds();
        double log, store;
        std::uint64_t applied;
    };
    Reading read() const { return {.log = log_.spent, .store = store_.spent, .applied = watch_.applied}; }

    asio::awaitable<void> measure() {
        const auto begin = schedule_.start + warm_up;
        if (schedule_.rate > 0) {
            watch_.first = schedule_.sent(begin);
            watch_.end = schedule_.sent(begin + length_);
            watch_.latencies.reserve(watch_.end - watch_.first);
        }
        co_await sleep_until(begin);
        watch_.measuring = true;
        const auto before = read();
        co_await sleep_until(begin + length_);
        note(before, read());
        watch_.measuring = false;
        const auto patience = Steady::now() + catch_up_max;
        while (watch_.latencies.size() < watch_.end - watch_.first) {
            if (Steady::now() > patience) throw std::runtime_error("The worker did not catch up.");
            co_await sleep_until(Steady::now() + std::chrono::milliseconds(1));
        }
        figures_.p50 = quantile(watch_.latencies, 0.5);
        figures_.p99 = quantile(watch_.latencies, 0.99);
        figures_.p999 = quantile(watch_.latencies, 0.999);
        worker_.stop();
    }

    void note(const Reading& before, const Reading& after) {
        const auto messages = static_cast<double>(after.applied - before.applied);
        const auto wall = std::chrono::duration<double>(after.time - before.time).count();
        const auto calls = static_cast<double>(watch_.batches.size());
        double changes = 0;
        for (const auto batch : watch_.batches) changes += batch;
        figures_ = {.per_second = messages / wall,
                    .busy = (after.cpu - before.cpu) / wall,
                    .robbed = (after.queued - before.queued) / wall,
                    .cpu = (after.cpu - before.cpu) / messages * 1e6,
                    .cpu_log = (after.log - before.log) / messages * 1e6,
                    .cpu_store = (after.store - before.store) / messages * 1e6,
                    .batch_p50 = quantile(watch_.batches, 0.5),
                    .batch_mean = changes / calls,
                    .batch_most = quantile(watch_.batches, 1),
                    .calls = watch_.batch_seconds / wall,
                    .in_flight = watch_.in_flight_sum / watch_.reports};
    }

    asio::io_context context_{1};
    Schedule schedule_;
    std::chrono::milliseconds length_;
    BenchStore store_;
    BenchLog log_;
    Watch watch_;
    WallClock clock_;
    MemoryProductCache cache_{{}};
    ChangeApplier applier_{store_, cache_, 256 * 1024};
    WorkerSettings settings_;
    Tracer off_;
    MessageWorker worker_{{log_, store_, applier_, watch_, watch_, clock_, off_}, settings_, context_.get_executor()};
    Figures figures_;
};

/// Each figure's median over the runs.
Figures median(const Load& load, Delays delays, double rate, std::chrono::milliseconds length, int runs) {
    std::vector<Figures> all;
    all.reserve(static_cast<std::size_t>(runs));
    for (int i = 0; i < runs; ++i) all.push_back(Run(load, delays, rate, length).figures());
    Figures middle;
    for (const auto member : members) {
        std::vector<double> values;
        values.reserve(all.size());
        for (const auto& one : all) values.push_back(one.*member);
        middle.*member = quantile(values, 0.5);
    }
    return middle;
}

const char* limit(const Figures& saturated) {
    const WorkerSettings settings;
    if (saturated.busy + saturated.robbed > 0.9) return "the worker's thread";
    if (saturated.calls > 0.95 * static_cast<double>(settings.parallelism)) return "Worker.Parallelism";
    return "the hottest product: its share of a bulk call, while others' messages wait behind its own in flight";
}

void print(const char* load, const Figures& of) {
    fmt::print("  {:9} {:9.0f} {:5.0f} %  {:6.2f} ({:4.2f} + {:4.2f})  ", load, of.per_second, of.busy * 100, of.cpu,
               of.cpu_log, of.cpu_store);
    if (of.p50 > 0) {
        fmt::print("{:7.2f} {:7.2f} {:7.2f}", of.p50, of.p99, of.p999);
    } else {
        fmt::print("{:>7} {:>7} {:>7}", "-", "-", "-");
    }
    fmt::print("  {:5.0f} {:5.0f} {:5.0f}  {:5.1f}  {:7.0f}\n", of.batch_p50, of.batch_mean, of.batch_most, of.calls,
               of.in_flight);
}

void measure(const Load& load, Delays delays, std::chrono::milliseconds length, int runs) {
    fmt::print("\nfind {} ms, write {} ms\n", delays.find.count(), delays.write.count());
    const auto saturated = median(load, delays, 0, length, runs);
    print("saturated", saturated);
    print("at 50 %", median(load, delays, saturated.per_second * 0.5, length, runs));
    print("at 80 %", median(load, delays, saturated.per_second * 0.8, length, runs));
    fmt::print("  limited by {}\n", limit(saturated));
    if (saturated.robbed > 0.05)
        fmt::print("  others had the processors {:.0f} % of the time\n", saturated.robbed * 100);
    std::fflush(stdout);
}

/// What the log alone costs: everything is read and dropped.
asio::awaitable<void> drain(const Load& load) {
    constexpr std::size_t messages = 2'000'000;
    BenchLog log(load, {});
    const auto subscription = log.subscribe({}, {}, co_await asio::this_coro::executor);
    std::size_t read = 0;
    const auto began = thread_cpu_seconds();
    while (read < messages) {
        auto event = co_await subscription->next({1'000});
        if (const auto* records = std::get_if<Records>(&*event)) read += records->messages.size();
    }
    fmt::print("the log alone: {:.2f} µs CPU a message\n",
               (thread_cpu_seconds() - began) / static_cast<double>(read) * 1e6);
}

}  // namespace

int main(int argc, char** argv) {
    const auto is_number = [](const char* text) { return text[std::strspn(text, "0123456789.")] == '\0'; };
    if (!std::all_of(argv + 1, argv + argc, is_number)) {
        fmt::print("bench_pipeline [SECONDS of a run (2)] [RUNS (3)] [MILLISECONDS of a store's call…]\n");
        return 2;
    }
    const auto length = std::chrono::milliseconds(argc > 1 ? std::llround(std::stod(argv[1]) * 1e3) : 2'000);
    const auto runs = argc > 2 ? std::stoi(argv[2]) : 3;
    std::vector<Delays> delays;
    using std::chrono::milliseconds;
    for (int i = 3; i < argc; ++i)
        delays.push_back({milliseconds(std::stoi(argv[i])), milliseconds(std::stoi(argv[i]))});
    if (delays.empty()) {
        const milliseconds none(0), one(1), ten(10);
        delays = {{none, none}, {one, one}, {none, one}, {ten, ten}, {none, ten}};
    }
    const Load load;
    const WorkerSettings settings;
    fmt::print(
        "updates of {} products, Zipf s = {}, {} partitions, {} bytes of JSON; Worker.Parallelism {}, BatchMax "
        "{}, InFlightMax {}; median of {} runs of {} s\n",
        Load::products, Load::zipf_s, Load::partition_count, load.payload_bytes(), settings.parallelism,
        settings.batch_max, settings.in_flight_max, runs, static_cast<double>(length.count()) / 1e3);
    asio::io_context context;
    asio::co_spawn(context, drain(load), rethrow);
    context.run();
    fmt::print("\n  {:9} {:>9} {:>7}  {:>20}  {:>23}  {:>17}  {:>5}  {:>7}\n", "", "msg/s", "thread",
               "µs CPU (log + store)", "ms p50 / p99 / p99.9", "batch p50/mean/max", "calls", "in flight");
    for (const auto& one : delays) measure(load, one, length, runs);
}
