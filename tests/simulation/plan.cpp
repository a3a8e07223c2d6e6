// Every fault is in a third of all plans, so that most plans have some and few have all.
#include "simulation/plan.hpp"

#include <fmt/format.h>

#include "simulation/random.hpp"

namespace productd::simulation {

using namespace std::chrono_literals;

std::string_view name(Fault fault) {
    constexpr std::array<std::string_view, fault_kinds> names{"call_fails",
                                                              "answer_lost",
                                                              "call_hangs",
                                                              "item_fails",
                                                              "outage",
                                                              "hanging",
                                                              "slow",
                                                              "third_fails",
                                                              "writes_blocked",
                                                              "broken_products",
                                                              "strangers",
                                                              "orphans",
                                                              "late_creates",
                                                              "repeated_creates",
                                                              "removals",
                                                              "conditions",
                                                              "poison",
                                                              "clocks",
                                                              "gaps",
                                                              "positions_back",
                                                              "letters_refused",
                                                              "letters_late",
                                                              "commits_lost",
                                                              "ends_unknown",
                                                              "crash",
                                                              "stop",
                                                              "rebalance",
                                                              "lost",
                                                              "unkeyed",
                                                              "made_anew"};
    return names[static_cast<std::size_t>(fault)];
}

Plan plan_of(std::uint64_t seed) {
    Random random(seed);
    Plan plan{.seed = seed};
    plan.messages = static_cast<std::size_t>(random.between(20, 300));
    plan.products = static_cast<std::size_t>(random.one_in(4) ? random.between(1, 3) : random.between(4, 60));
    plan.partitions = static_cast<std::int32_t>(random.between(1, 3));
    plan.published_within = random.one_in(3) ? 0ms : std::chrono::milliseconds{random.between(100, 60'000)};
    plan.faults_last = std::chrono::milliseconds{random.between(1'000, 90'000)};
    for (auto& fault : plan.faults) fault = random.one_in(3);
    // A topic made anew is known by its times, and by nobody who still works on a partition that he lost.
    if (plan.has(Fault::clocks) || plan.has(Fault::lost)) plan.set(Fault::made_anew, false);
    plan.members = plan.has(Fault::rebalance) || plan.has(Fault::lost) ? 2 : 1;

    auto& settings = plan.settings;
    settings.parallelism = static_cast<std::size_t>(random.between(1, 4));
    settings.batch_max = static_cast<std::size_t>(random.one_in(2) ? random.between(1, 10) : random.between(10, 200));
    settings.in_flight_max =
        static_cast<std::size_t>(random.one_in(2) ? random.between(20, 60) : random.between(100, 1'000));
    settings.lane_max = static_cast<std::size_t>(random.one_in(2) ? random.between(10, 30) : 1'000);
    settings.parked_max = static_cast<std::size_t>(random.one_in(2) ? random.between(1, 10) : 1'000);
    settings.not_found_wait = std::chrono::milliseconds{random.one_in(2) ? 30'000 : random.between(500, 5'000)};
    return plan;
}

std::string to_string(const Plan& plan) {
    auto text = fmt::format(
        "{} messages of {} products within {} ms in {} partitions a topic, {} members, faults for {} ms, parallelism "
        "{}, "
        "batch {}, in flight {}, lane {}, parked {}, not found after {} ms; faults:",
        plan.messages, plan.products, plan.published_within.count(), plan.partitions, plan.members,
        plan.faults_last.count(), plan.settings.parallelism, plan.settings.batch_max, plan.settings.in_flight_max,
        plan.settings.lane_max, plan.settings.parked_max, plan.settings.not_found_wait.count());
    for (std::size_t i = 0; i < fault_kinds; ++i) {
        if (plan.faults[i]) text += fmt::format(" {}", name(static_cast<Fault>(i)));
    }
    return text;
}

}  // namespace productd::simulation
