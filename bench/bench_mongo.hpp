// What the parts of bench_mongo share: what is asked of them, what this process used, medians.
#pragma once

#include <sys/resource.h>

#include <algorithm>
#include <chrono>
#include <stdexcept>
#include <string>
#include <vector>

#include "domain/result.hpp"

namespace productd::bench {

struct MongoLoad {
    std::string uri;
    std::uint32_t products = 50'000;   ///< Written in a run of the bulk writes.
    std::uint32_t messages = 100'000;  ///< Sent through the pipeline in a run.
    int rounds = 5;                    ///< Of all sides by turns.
    std::size_t writers = 4;           ///< Bulk writes at a time.
};

/// What a run used: wall time, and the processors' time of this process.
struct Use {
    double seconds = 0;
    double cpu_seconds = 0;
};

class Stopwatch {
public:
    Use read() const {
        return {std::chrono::duration<double>(std::chrono::steady_clock::now() - begin_).count(),
                process_cpu_seconds() - cpu_begin_};
    }

private:
    static double process_cpu_seconds() {
        rusage used{};
        getrusage(RUSAGE_SELF, &used);
        const auto seconds = [](const timeval& time) {
            return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) * 1e-6;
        };
        return seconds(used.ru_utime) + seconds(used.ru_stime);
    }

    std::chrono::steady_clock::time_point begin_ = std::chrono::steady_clock::now();
    double cpu_begin_ = process_cpu_seconds();
};

inline double median(std::vector<double> values) {
    const auto middle = values.begin() + std::ssize(values) / 2;
    std::ranges::nth_element(values, middle);
    return *middle;
}

/// The value of what has to succeed here.
template <class T>
T expect(Result<T> result) {
    if (!result) throw std::runtime_error(result.error().detail);
    if constexpr (!std::is_void_v<T>) return std::move(*result);
}

/// Bulk writes through the store and through the driver, by turns.
void measure_writes(const MongoLoad& load);
/// The worker between the log and the store, and the same over SQLite, by turns.
void measure_pipeline(const MongoLoad& load);

}  // namespace productd::bench
