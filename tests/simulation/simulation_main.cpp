// simulation [--seeds N] [--from S] [--seed X]: runs many seeds, or one with its story. Ends with 1 where one fails.
#include <fmt/format.h>

#include <cstdlib>
#include <string_view>

#include "simulation/simulation.hpp"

namespace {

using namespace productd::simulation;

constexpr std::size_t told_max = 1'000'000;

/// The smallest that still fails, with what led to it.
void report(const Plan& plan, const Verdict& verdict) {
    fmt::print("seed {}: {}\n  {}\n", plan.seed, verdict.violation, to_string(plan));
    const auto smallest = smallest_failing(plan);
    const auto again = simulate(smallest, told_max);
    fmt::print("the smallest that fails: {}\n  {}\n{}", again.violation, to_string(smallest), again.story);
}

int run_one(std::uint64_t seed) {
    const auto plan = plan_of(seed);
    const auto verdict = simulate(plan);
    if (!verdict.violation.empty()) {
        report(plan, verdict);
        return 1;
    }
    fmt::print("seed {}: all is well after {} steps and {} ms; schedule {:016x}\n", seed, verdict.steps,
               verdict.lasted.count(), verdict.hash);
    return 0;
}

int run_many(std::uint64_t from, std::uint64_t seeds, bool is_brief) {
    std::size_t steps = 0;
    std::size_t failed = 0;
    for (auto seed = from; seed < from + seeds; ++seed) {
        const auto plan = plan_of(seed);
        const auto verdict = simulate(plan);
        steps += verdict.steps;
        if (verdict.violation.empty()) continue;
        ++failed;
        if (is_brief) {
            fmt::print("seed {}: {}\n", seed, verdict.violation);
            continue;
        }
        report(plan, verdict);
        fmt::print("again: simulation --seed {}\n", seed);
        return 1;
    }
    fmt::print("{} seeds from {}, {} steps, {} failed\n", seeds, from, steps, failed);
    return failed == 0 ? 0 : 1;
}

}  // namespace

int main(int count, char** values) {
    std::uint64_t from = 1;
    std::uint64_t seeds = 1'000;
    bool is_brief = false;
    for (int i = 1; i < count; ++i) {
        const std::string_view option = values[i];
        const auto value = i + 1 < count ? std::strtoull(values[i + 1], nullptr, 10) : 0;
        if (option == "--seed") return run_one(value);
        if (option == "--from") from = value;
        if (option == "--seeds") seeds = value;
        is_brief = is_brief || option == "--brief";
    }
    return run_many(from, seeds, is_brief);
}
