// The loop: the next thing that happens, or a core that wants to be woken.
#include "simulation/simulation.hpp"

#include <fmt/format.h>

#include "simulation/workload.hpp"

namespace productd::simulation {

using namespace std::chrono_literals;

namespace {

/// A core that wants to be woken again and again at one moment keeps a processor busy.
constexpr std::size_t idle_steps_max = 1'000;
/// After the last fault: for all that is not of a broken product; and what each message adds that is, since with small
/// bounds what stands behind it in its partition waits (2 minutes where the store is unavailable for it, and the last
/// call), and for its own end.
constexpr auto sound_end_within = 30min;
constexpr auto sound_waits = 3min;
constexpr auto broken_end_within = 20min;

}  // namespace

Simulation::Simulation(const Plan& plan, std::size_t told_max) : world(plan, told_max) {}

bool Simulation::step(Time until) {
    Member* sleeper = nullptr;
    auto next = world.schedule.empty() ? Time::max() : world.schedule.begin()->first;
    for (const auto& member : group.members()) {
        if (!member || member->has_stopped() || member->wake_at() >= next) continue;
        next = member->wake_at();
        sleeper = member.get();
    }
    if (next >= until) {
        world.now = until;
        return false;
    }
    ++steps_;
    idle_steps_ = sleeper != nullptr && next <= world.now ? idle_steps_ + 1 : 0;
    if (idle_steps_ > idle_steps_max) world.truth.violate("SPINS: the core wants to be woken all the time");
    world.now = std::max(world.now, next);
    if (sleeper != nullptr) {
        sleeper->on_time();
    } else {
        const auto what = std::move(world.schedule.begin()->second);
        world.schedule.erase(world.schedule.begin());
        what();
    }
    world.loop.restart();
    world.loop.poll();
    group.bury_the_stopped();
    return true;
}

bool Simulation::run_until(const std::function<bool()>& done, std::chrono::milliseconds at_most) {
    const auto until = world.now + at_most;
    while (world.truth.violation().empty()) {
        if (done()) return true;
        if (!step(until)) break;
    }
    return false;
}

bool Simulation::is_all_done() const {
    if (world.truth.unended() > 0) return false;
    return std::ranges::all_of(world.truth.log, [&](const auto& entry) {
        const auto commit = world.committed.find(entry.first);
        const auto offset = commit == world.committed.end() ? 0 : commit->second.offset;
        return offset == static_cast<std::int64_t>(entry.second.size());
    });
}

std::size_t Simulation::broken_left() const {
    std::size_t left = 0;
    for (const auto& [source, messages] : world.truth.log) {
        const auto commit = world.committed.find(source);
        const auto begin = commit == world.committed.end() ? 0 : commit->second.offset;
        left += static_cast<std::size_t>(std::ranges::count_if(messages, [&](const Fact& fact) {
            return fact.message.position.offset >= begin && world.truth.broken.contains(fact.id);
        }));
    }
    return left;
}

Verdict Simulation::verdict() const {
    return {.violation = world.truth.violation(),
            .hash = world.story.hash(),
            .steps = steps_,
            .lasted = std::chrono::duration_cast<std::chrono::milliseconds>(world.now - World::start),
            .story = world.story.text()};
}

Verdict simulate(const Plan& plan, std::size_t told_max) {
    Simulation simulation(plan, told_max);
    auto& truth = simulation.world.truth;
    schedule_messages(simulation.world);
    schedule_weather(simulation.world);
    simulation.group.start();

    const auto trouble = std::max(plan.faults_last, plan.published_within) + 1ms;
    simulation.run_until([] { return false; }, trouble);
    const auto stuck = [&] {
        if (!truth.violation().empty()) return;
        truth.violate(fmt::format("STUCK: {} messages have not ended, {} of them sound; the first: {}", truth.unended(),
                                  truth.unended_sound(), truth.first_unended()));
    };
    const auto broken = simulation.broken_left() + 1;
    const auto patience = sound_end_within + broken * sound_waits;
    if (!simulation.run_until([&] { return truth.unended_sound() == 0; }, patience)) stuck();
    if (!simulation.run_until([&] { return simulation.is_all_done(); }, broken * broken_end_within)) stuck();
    return simulation.verdict();
}

Plan smallest_failing(Plan plan) {
    const auto fails = [](const Plan& smaller) { return !simulate(smaller).violation.empty(); };
    for (bool is_smaller = true; is_smaller;) {
        is_smaller = false;
        const auto keep = [&](const Plan& smaller) {
            if (!fails(smaller)) return;
            plan = smaller;
            is_smaller = true;
        };
        for (std::size_t i = 0; i < fault_kinds; ++i) {
            if (!plan.faults[i]) continue;
            auto smaller = plan;
            smaller.faults[i] = false;
            keep(smaller);
        }
        for (const auto share : {2, 4, 8}) {
            auto smaller = plan;
            smaller.messages -= std::max<std::size_t>(plan.messages / static_cast<std::size_t>(share), 1);
            if (smaller.messages > 0) keep(smaller);
        }
        for (const auto products : {plan.products / 2, plan.products - 1}) {
            auto smaller = plan;
            smaller.products = products;
            if (products > 0) keep(smaller);
        }
        auto smaller = plan;
        smaller.partitions = 1;
        if (plan.partitions > 1) keep(smaller);
    }
    return plan;
}

}  // namespace productd::simulation
