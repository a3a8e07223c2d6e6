// What an observation costs whoever makes it, beside prometheus-cpp's histogram with the same bounds, and what a scrape
// costs: bench_metrics [rounds].
#include <fmt/format.h>
#include <prometheus/histogram.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <ctime>
#include <string>
#include <thread>
#include <vector>

#include "telemetry/metrics.hpp"

namespace {

using namespace productd;

constexpr int observations_a_round = 1'000'000;
constexpr int contending_threads = 2;

double cpu_nanoseconds() {
    timespec now{};
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return static_cast<double>(now.tv_sec) * 1e9 + static_cast<double>(now.tv_nsec);
}

double nanoseconds_of(int times, auto work) {
    const auto began = cpu_nanoseconds();
    for (int i = 0; i < times; ++i) work(i);
    return (cpu_nanoseconds() - began) / times;
}

/// The median over the rounds of what one takes of this thread.
void measure(const char* what, int rounds, int times, auto work) {
    std::vector<double> each;
    each.reserve(static_cast<std::size_t>(rounds));
    for (int round = 0; round < rounds; ++round) each.push_back(nanoseconds_of(times, work));
    std::ranges::sort(each);
    fmt::print("{:<52} {:>10.1f} ns\n", what, each[each.size() / 2]);
}

/// The same while as many threads observe as fast as they can; of this thread's.
void measure_contended(const char* what, int rounds, auto work) {
    std::atomic<bool> is_over = false;
    std::vector<std::jthread> others;
    for (int thread = 1; thread < contending_threads; ++thread) {
        others.emplace_back([&] {
            for (int i = 0; !is_over; ++i) work(i);
        });
    }
    measure(what, rounds, observations_a_round, work);
    is_over = true;
}

/// From 100 µs to some 100 ms, as requests are.
std::vector<double> durations() {
    std::vector<double> values;
    values.reserve(1024);
    for (int i = 0; i < 1024; ++i) values.push_back(0.0001 * (1 + (i * 7919) % 1024));
    return values;
}

void measure_observations(int rounds) {
    const auto values = durations();
    const auto value = [&values](int i) { return values[static_cast<std::size_t>(i) % values.size()]; };
    const auto span = parse_traceparent("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01");
    const auto unsampled = parse_traceparent("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00");
    Histogram ours(duration_buckets());
    prometheus::Histogram theirs(duration_buckets());
    const auto plain = [&](int i) { ours.observe(value(i), unsampled); };
    const auto with_exemplar = [&](int i) { ours.observe(value(i), span); };
    const auto other = [&](int i) { theirs.Observe(value(i)); };
    measure("ours", rounds, observations_a_round, plain);
    measure("ours, of a sampled trace", rounds, observations_a_round, with_exemplar);
    measure("prometheus-cpp's", rounds, observations_a_round, other);
    measure_contended("ours, two threads", rounds, plain);
    measure_contended("ours, of a sampled trace, two threads", rounds, with_exemplar);
    measure_contended("prometheus-cpp's, two threads", rounds, other);
}

/// About as many series as a service shows: 16 histograms with values from 100 µs to 100 ms, 200 others.
void measure_scrapes(int rounds) {
    Metrics metrics;
    const auto span = parse_traceparent("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01");
    auto& family = metrics.histograms("a_request_duration_seconds", "Durations", duration_buckets());
    for (int route = 0; route < 16; ++route) {
        auto& histogram = family.add({{"method", "GET"}, {"route", fmt::format("/api/v1/products/{}", route)}});
        for (const auto value : durations()) histogram.observe(value, span);
    }
    auto& counters = prometheus::BuildCounter().Name("a_total").Help("Counted").Register(metrics.registry());
    for (int i = 0; i < 200; ++i) counters.Add({{"reason", fmt::format("reason-{}", i)}}).Increment(i * 1'000);
    const std::vector<std::pair<const char*, MetricsFormat>> formats{{"text 0.0.4", MetricsFormat::text},
                                                                     {"OpenMetrics", MetricsFormat::openmetrics},
                                                                     {"protocol buffers", MetricsFormat::protobuf}};
    for (const auto& [name, format] : formats) {
        measure(fmt::format("a scrape as {}, {} bytes", name, metrics.shown(format).size()).c_str(), rounds, 100,
                [&](int) { metrics.shown(format); });
    }
}

}  // namespace

int main(int count, char** arguments) {
    const int rounds = count > 1 ? std::max(std::atoi(arguments[1]), 1) : 11;
    measure_observations(rounds);
    measure_scrapes(rounds);
}
